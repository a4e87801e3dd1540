"""The command line, `python -m mnist_core COMMAND`, and the commands without their own module."""

import runpy
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click

from mnist_core.cli import console as show
from mnist_core.cli.commands.common import (
    JSON,
    RUN,
    Name,
    print_json,
    read_start,
    show_result,
    start_options,
)
from mnist_core.cli.commands.import_model import bring
from mnist_core.cli.commands.runs import evaluate, export, predict, runs
from mnist_core.cli.commands.tune import tune
from mnist_core.cli.process import COMMAND, UNWRITABLE, explain_unwritable
from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.network.notation import write
from mnist_core.network.presets import NOTE_4, NOTES, PRESETS
from mnist_core.network.settings import read_network, spec_options
from mnist_core.network.spec import Spec
from mnist_core.network.summary import check_limits
from mnist_core.network.transfer import shared_layers
from mnist_core.storage import quota
from mnist_core.storage.artifacts import check_trained_here, plan_more_epochs
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import MnistError
from mnist_core.utils.hardware import native_bfloat16
from mnist_core.utils.paths import PROJECT
from mnist_core.utils.text import accuracy_in_context

NETWORK = click.argument("network", nargs=-1, required=True)

_ROW = (
    *("name", "type", "layer", "output_shape", "parameters", "non_trainable", "arithmetic"),
    *("multiply_adds", "receptive_field", "activation", "bytes"),
)
"""The keys of each layer in the summary as JSON."""


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def cli() -> None:
    """Build, train and understand small convolutional networks on MNIST."""


@cli.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def app(options: tuple[str, ...]) -> None:
    """Start the dashboard in the browser. OPTIONS are those of `streamlit run`."""
    sys.argv = ["streamlit", "run", str(PROJECT / "app.py"), *options]
    runpy.run_module("streamlit", run_name="__main__")


@cli.command()
@JSON
def presets(as_json: bool) -> None:
    """List the presets: the course notes, well-known networks, and our records."""
    if not as_json:
        return show.show_presets()
    every = (*PRESETS.values(), *NOTE_4.presets)
    return print_json(
        {p.name: {"title": p.title, "notation": write(p.spec.network)} for p in every}
    )


@cli.command()
@NETWORK
@JSON
def summary(network: tuple[str, ...], as_json: bool) -> None:
    """Print shapes and parameters of NETWORK, a preset or a notation such as C32 M F D64."""
    chosen = read_network(network).network
    made = check_limits(chosen)
    if not as_json:
        return show.show_summary(chosen, made)
    layers = [
        {name: getattr(row, name) for name in _ROW} | {"output_shape": [None, *row.output_shape]}
        for row in made.rows
    ]
    return print_json(
        {
            "notation": write(chosen),
            "layers": layers,
            "total_parameters": made.parameters,
            "trainable_parameters": made.trainable,
            "non_trainable_parameters": made.non_trainable,
            "bytes": made.bytes,
            "multiply_adds": made.multiply_adds,
        }
    )


@cli.command()
@NETWORK
@spec_options
@start_options
@click.option("--name", default="", type=Name(), help="The name of the run.")
@JSON
def train(network: tuple[str, ...], name: str, as_json: bool, **given: Any) -> None:
    """Train NETWORK, a preset or a notation, on the real MNIST, and report on the test set.

    Ctrl-C stops it cleanly; the run is kept, and `resume` continues it.
    """
    store = Store()
    spec = read_start(store, network, given)
    quota.check_spec(spec)  # before TensorFlow starts
    if spec.transfer:
        show.errors.print(_start(store, spec))
    if spec.training.precision == "mixed_bfloat16" and not native_bfloat16():
        show.errors.print(
            "This processor reports no native bfloat16: --precision float32 will be faster here."
        )
    name = name or store.describe(spec)
    _train(lambda store: store.create_run(spec, name, queued=False).id, as_json)


def _start(store: Store, spec: Spec) -> str:
    """Return which layers start from trained weights. Raises StoreError if they are not here."""
    shared, others = shared_layers(spec.network, store.start_shapes(spec))
    anew = f"; {', '.join(others)} start at random" if others else ""
    frozen = f"; frozen: {', '.join(spec.frozen)}" if spec.frozen else ""
    return f"Trained weights for {', '.join(shared)}{anew}{frozen}."


@cli.command()
@RUN
@click.option("--epochs", type=click.IntRange(1, 1000), help="Train this many more epochs.")
@JSON
def resume(run_id: int, epochs: int | None, as_json: bool) -> None:
    """Resume RUN where it stopped, or from its last epoch if it was killed."""
    store = Store()
    run = store.run(run_id)
    check_trained_here(run)
    if run.state == "finished" and not epochs:
        raise click.UsageError(f"run {run.number} is finished: to train it further, pass --epochs")
    if epochs:
        plan_more_epochs(store, run_id, epochs)
    _train(lambda _: run_id, as_json)


@cli.command()
@click.argument("notes", nargs=-1, type=click.Choice(list(NOTES)), metavar="[NOTE]...")
@click.option(
    "--quick", is_flag=True, help="Train each for one epoch, to check that everything works."
)
@JSON
def reproduce(notes: tuple[str, ...], quick: bool, as_json: bool) -> None:
    """Train the course notes' networks and compare the results with those in the notes."""
    with _stoppable() as bar:
        from mnist_core.cli.reproduce import reproduce_notes

        results = []
        for result in reproduce_notes(Store(), notes, quick, bar):
            results.append(result)
            show.errors.print(
                f"{result.name}: {accuracy_in_context(result.test_accuracy, TEST_IMAGES)}"
            )
    if as_json:
        return print_json({"results": [asdict(made) | {"run": made.number} for made in results]})
    return show.show_results(results)


for command in (runs, evaluate, predict, export, bring, tune):
    cli.add_command(command)


def _train(begin: Callable[[Store], int], as_json: bool) -> None:
    """Train a run and show its result. begin: called once TensorFlow runs; returns the run's id."""
    store = Store()
    with _stoppable() as bar:
        from mnist_core.execution.runner import execute

        run_id = begin(store)
        execute(store, run_id, bar)
    show_result(store, run_id, as_json)


@contextmanager
def _stoppable() -> Iterator[show.Bar]:
    """Start TensorFlow and show a bar. The first Ctrl-C stops the run, the second one aborts."""
    show.start_tensorflow()
    bar = show.Bar()

    def stop(*_: object) -> None:
        if bar.stop:
            raise KeyboardInterrupt
        bar.stop = True
        show.errors.print("Stopping after this batch; the run is kept.")

    before = signal.signal(signal.SIGINT, stop)
    try:
        with bar.bar:
            yield bar
    finally:
        signal.signal(signal.SIGINT, before)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; return 0, 1 for a run that failed, 2 for bad input, 130 for Ctrl-C.

    Also 1 if output cannot be written, as on a full disk.
    """
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except OSError as error:
        if error.errno not in UNWRITABLE or error.filename:
            raise
        return explain_unwritable(error)
    return status


def _run(arguments: list[str] | None) -> int:
    try:
        cli.main(arguments, prog_name=COMMAND, standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message())
    except click.ClickException as error:
        print(error.format_message(), file=sys.stderr)
        return 2
    except MnistError as error:
        print(error, file=sys.stderr)
        return error.status
    except (KeyboardInterrupt, click.Abort):
        print("Stopping; finished epochs are kept.", file=sys.stderr)
        return 130
    return 0
