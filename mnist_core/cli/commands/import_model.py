"""The command bring: imports a network that was trained and saved with plain Keras."""

import json
from pathlib import Path

import click

from mnist_core.cli import console as show
from mnist_core.cli.commands.common import Name, identity
from mnist_core.importing.errors import ImportModelError, check_size
from mnist_core.importing.recording import record
from mnist_core.importing.sandbox import import_file
from mnist_core.network.notation import write
from mnist_core.network.settings import read_network
from mnist_core.storage.runs import Store


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--network",
    help="The network of a weights file: a preset, a notation, or a model.json from Keras.",
)
@click.option(
    "--name", default="", type=Name(), help="The name of the run; the default is the file's name."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def bring(file: Path, network: str | None, name: str, as_json: bool) -> None:
    """Import FILE (.keras, .h5 or weights) as a run, and report on the test set.

    The file is read as data: none of its code runs.
    """
    layers = _bytes(Path(network)) if network and network.endswith(".json") else None
    given = read_network((network,)).network if network and layers is None else None
    store = Store()
    run = record(store, import_file(_bytes(file), given, layers), file.name, name)
    show.start_tensorflow()
    from mnist_core.execution.runner import assess_import

    report = assess_import(store, run.id)
    run = store.run(run.id)
    if not as_json:
        return show.show_report(run, report)
    facts = {
        **identity(run),
        "name": run.name,
        "origin": run.origin,
        "reason": run.reason,
        "notation": write(run.spec.network),
        "parameters": run.parameters,
        "test_accuracy": run.test_accuracy,
        "test_loss": run.test_loss,
    }
    return print(json.dumps(facts))


def _bytes(file: Path) -> bytes:
    """Read a file. Raises ImportModelError if it is too large or cannot be read."""
    try:
        check_size(file.stat().st_size)
        return file.read_bytes()
    except OSError as error:
        raise ImportModelError(
            f"{file} cannot be read ({error.strerror}): check its name"
        ) from None
