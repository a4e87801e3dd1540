"""The commands runs, evaluate, predict and export: using what has been trained."""

from pathlib import Path

import click
import numpy as np

from mnist_core.cli import console as show
from mnist_core.cli.commands.common import JSON, RUN, facts, print_json, show_result
from mnist_core.dataset.images import DigitError
from mnist_core.dataset.preprocessing import prepare
from mnist_core.exporting import formats
from mnist_core.storage.artifacts import load_weights
from mnist_core.storage.runs import Store


@click.command()
@JSON
def runs(as_json: bool) -> None:
    """All runs, the newest first."""
    every = Store().runs()
    if not as_json:
        return show.show_runs(every)
    return print_json({"runs": [facts(run) for run in every]})


@click.command()
@RUN
@JSON
def evaluate(run_id: int, as_json: bool) -> None:
    """Test accuracy, classification report and confusion matrix of RUN."""
    show_result(Store(), run_id, as_json)


@click.command()
@RUN
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@JSON
def predict(run_id: int, images: tuple[Path, ...], as_json: bool) -> None:
    """Let RUN read digits from IMAGES: photos or drawings, dark on light or light on dark."""
    load_weights(Store(), run_id)
    prepared = np.stack([_prepared(path) for path in images])
    show.start_tensorflow()
    from mnist_core.execution.runner import predictor

    probabilities = predictor(Store(), run_id).probabilities(prepared)
    if as_json:
        answers = [
            {"image": str(path), "digit": int(row.argmax()), "probabilities": row.tolist()}
            for path, row in zip(images, probabilities, strict=True)
        ]
        return print_json({"run": run_id, "predictions": answers})
    return show.show_predictions([path.name for path in images], probabilities)


@click.command(
    help="Write RUN to a FILE whose ending says what it becomes.\n\n\b\n"
    + formats.describe_formats()
)
@RUN
@click.option("--to", "path", required=True, type=click.Path(path_type=Path), metavar="FILE")
@JSON
def export(run_id: int, path: Path, as_json: bool) -> None:
    from mnist_core.exporting.export import export as write_file

    if not formats.find(path.name).text:
        load_weights(Store(), run_id)  # an early error for a run that has none
        show.start_tensorflow()
    written = write_file(Store(), run_id, path)
    if as_json:
        return print_json({"run": run_id, "file": str(written), "bytes": written.stat().st_size})
    return show.console.print(f"Run {run_id} is in {written} ({written.stat().st_size:,} bytes).")


def _prepared(path: Path) -> np.ndarray:
    """Return one picture prepared for a network. Raises DigitError with the name of the file."""
    try:
        return prepare(path).image
    except DigitError as error:
        raise DigitError(f"{path}: {error}") from error
