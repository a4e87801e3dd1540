"""The commands runs, evaluate, predict and export: working with trained runs."""

from pathlib import Path

import click
import numpy as np

from mnist_core.cli import console as show
from mnist_core.cli.commands.common import JSON, RUN, facts, identity, print_json, show_result
from mnist_core.dataset.images import DigitError
from mnist_core.dataset.preprocessing import prepare
from mnist_core.exporting import formats
from mnist_core.network.layers import CLASSES
from mnist_core.storage.artifacts import check_sees_test, load_weights
from mnist_core.storage.runs import Store, called
from mnist_core.utils.text import accuracy_in_context, plural


@click.command()
@JSON
def runs(as_json: bool) -> None:
    """List all runs, the newest first."""
    every = Store().runs()
    if not as_json:
        return show.show_runs(every)
    return print_json({"runs": [facts(run) for run in every]})


@click.command()
@RUN
@click.option(
    "--shifts",
    "pixels",
    type=click.IntRange(1, 8),
    help="Also read each test image at every shift of up to this many pixels, and average.",
)
@JSON
def evaluate(run_id: int, pixels: int | None, as_json: bool) -> None:
    """Print the test accuracy, classification report and confusion matrix of RUN."""
    if pixels is None:
        return show_result(Store(), run_id, as_json)
    load_weights(Store(), run_id)
    check_sees_test(Store().run(run_id))
    show.start_tensorflow()
    from mnist_core.execution.runner import assess_shifted

    report = assess_shifted(Store(), run_id, pixels)
    places = (2 * pixels + 1) ** 2
    if as_json:
        found = {"places": places, "test_accuracy": report.accuracy}
        return show_result(Store(), run_id, as_json, shifted=found)
    show_result(Store(), run_id, as_json)
    return show.console.print(
        f"Mean answer over {places} positions per test image, shifted by up to "
        f"{plural(pixels, 'pixel')}: "
        f"{accuracy_in_context(report.accuracy, len(report.labels))}"
    )


@click.command()
@RUN
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@JSON
def predict(run_id: int, images: tuple[Path, ...], as_json: bool) -> None:
    """Read the digits in IMAGES with RUN: photos or drawings, dark on light or light on dark.

    RUN may also be the name of an example: fast or note-5. Every digit in a picture is read, row by
    row. The command skips a picture that it cannot read and goes on with the others.
    """
    load_weights(Store(), run_id)
    names, digits, errors = _digits(images)
    probabilities = np.zeros((0, CLASSES), np.float32)
    if digits:
        show.start_tensorflow()
        from mnist_core.execution.runner import assess_import, predictor

        run = Store().run(run_id)
        if run.origin and run.test_accuracy is None:
            assess_import(Store(), run_id)  # it may have been trained on pixels from 0 to 255
        probabilities = predictor(Store(), run_id).probabilities(np.stack(digits))
    if as_json:
        answers = [
            {"image": name, "digit": int(row.argmax()), "probabilities": row.tolist()}
            for name, row in zip(names, probabilities, strict=True)
        ]
        failed = [{"image": name, "error": error} for name, error in errors.items()]
        found = {"predictions": answers, "errors": failed}
        print_json(identity(Store().run(run_id)) | found)
    elif digits:
        show.show_predictions([Path(name).name for name in names], probabilities)
    if errors:
        raise DigitError("\n".join(f"{name}: {error}" for name, error in errors.items()))


@click.command(
    help="Export RUN to FILE, whose ending chooses the format.\n\n\b\n" + formats.describe_formats()
)
@RUN
@click.option("--to", "path", required=True, type=click.Path(path_type=Path), metavar="FILE")
@JSON
def export(run_id: int, path: Path, as_json: bool) -> None:
    """Write a run to a file. Raises ExportError."""
    from mnist_core.exporting.export import export as write_file

    if not formats.find(path.name).text:
        load_weights(Store(), run_id)  # an early error for a run that has none
        show.start_tensorflow()
    written = write_file(Store(), run_id, path)
    run, size = Store().run(run_id), written.stat().st_size
    if as_json:
        return print_json(identity(run) | {"file": str(written), "bytes": size})
    which = called(run)
    return show.console.print(
        f"{which[0].upper()}{which[1:]} was exported to {written} ({size:,} bytes)."
    )


def _digits(paths: tuple[Path, ...]) -> tuple[list[str], list[np.ndarray], dict[str, str]]:
    """Return the picture's name and the image of each digit, and the errors by picture."""
    names: list[str] = []
    images: list[np.ndarray] = []
    errors: dict[str, str] = {}
    for path in paths:
        try:
            found = prepare(path)
        except DigitError as error:
            errors[str(path)] = str(error)
            continue
        names += [str(path)] * len(found)
        images += [digit.image for digit in found]
    return names, images, errors
