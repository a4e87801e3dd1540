"""What the command line prints for people: tables, reports, and a progress bar."""

from collections.abc import Collection
from typing import Any

import numpy as np
from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from mnist_core.cli.process import COMMAND, breaking_off
from mnist_core.evaluation.history import Checkpoint, Epoch
from mnist_core.evaluation.history import Progress as TrainingProgress
from mnist_core.evaluation.prediction import read
from mnist_core.evaluation.report import Report, about_loss
from mnist_core.evaluation.run import Run
from mnist_core.network.digits import write_digits
from mnist_core.network.notation import about_output, course_notation, write
from mnist_core.network.presets import NOTE_4, PRESETS, Result
from mnist_core.network.spec import Network
from mnist_core.network.summary import Summary
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils import tensorflow
from mnist_core.utils.hardware import describe_processor
from mnist_core.utils.text import accuracy_in_context, one_line, percent, probability

AS_IT_IS: dict[str, Any] = {"highlight": False, "markup": False, "emoji": False}
"""Options for printing text as it is: [red] in a run's name is no markup."""

console = Console(**AS_IT_IS)
errors = Console(stderr=True, **AS_IT_IS)
for _console in (console, errors):
    if not _console.width:  # COLUMNS=0 means unknown
        _console.width = 80


FOLDED = 10
"""The smallest width of a column whose text may wrap."""


def start_tensorflow() -> None:
    """Start TensorFlow, which takes seconds, and say so."""
    with breaking_off():
        errors.print("Starting TensorFlow ...")
        tensorflow.start_tensorflow()


def table(
    title: str, *columns: str, left: int = 1, folds: Collection[str] = (), markdown: bool = False
) -> Table:
    """Return an empty table; the first `left` columns hold text, the others numbers.

    folds: the columns whose text may wrap in a narrow terminal.
    """
    made = Table(title=title or None, box=box.MARKDOWN if markdown else box.SIMPLE_HEAD)
    if not markdown:
        made.collapse_padding, made.pad_edge, made.show_edge = True, False, False
    for index, column in enumerate(columns):
        side = "left" if index < left else "right"
        if column in folds:
            made.add_column(column, justify=side, min_width=FOLDED, overflow="fold")
        else:
            made.add_column(column, justify=side, no_wrap=True)
    return made


def show(*tables: Table) -> None:
    """Print tables, or value by value where one is too wide for the terminal; cut no number."""
    for made in tables:
        if sum(map(_least_width, made.columns)) + 2 * len(made.columns) <= console.width:
            console.print(made)
        else:
            _show_values(made)


def _least_width(column: Column) -> int:
    """Return how many characters a column needs."""
    cells = (column.header, *column.cells)
    return max(cell_len(str(cell)) for cell in cells) if column.no_wrap else FOLDED


def _show_values(made: Table) -> None:
    if made.title:
        console.print(f"{made.title}\n", overflow="fold")
    for first, *others in zip(*(column.cells for column in made.columns), strict=True):
        heading, *headings = (str(column.header) for column in made.columns)
        console.print(f"{heading} {first}".strip(), overflow="fold")
        for name, value in zip(headings, others, strict=True):
            if value:
                console.print(f"  {name}: {value}", overflow="fold")


def show_presets() -> None:
    """Print all presets with their networks."""
    made = table("", *("preset", "network", "what it is"), left=3, folds=("network", "what it is"))
    for preset in (*PRESETS.values(), *NOTE_4.presets):
        made.add_row(preset.name, write(preset.spec.network), preset.title)
    show(made)


def show_summary(network: Network, summary: Summary) -> None:
    """Print the layers of a network with shapes and parameters, and the totals."""
    wide = console.width >= 110
    more = ("multiply-adds", "receptive field") if wide else ()
    made = table(
        f"{write(network)}   ({course_notation(network)})",
        *("layer", "output shape", "parameters", "arithmetic", *more),
        left=2,
        folds=("arithmetic",),
    )
    for row in summary.rows:
        activation = f", {row.activation}" if row.activation else ""
        field = f"{row.receptive_field}x{row.receptive_field}"
        made.add_row(
            f"{row.name}{activation}",
            f"(None, {', '.join(map(str, row.output_shape))})",
            f"{row.parameters:,}",
            row.arithmetic,
            *((f"{row.multiply_adds:,}", field) if wide else ()),
        )
    show(made)
    console.print(
        f"Total parameters: {summary.parameters:,} ({summary.bytes / 1024:,.2f} KB), trainable "
        f"{summary.trainable:,}, non-trainable {summary.non_trainable:,}\n"
        f"Multiply-adds per image: {summary.multiply_adds:,}"
    )
    if hint := about_output(network):
        console.print(hint)


def show_report(run: Run, report: Report) -> None:
    """Print the classification report, the confusion matrix and the accuracy."""
    scores = table("Classification report", "digit", "precision", "recall", "F1", "support")
    for row in (*report.classes, *report.averages):
        figures = (f"{value:.4f}" for value in (row.precision, row.recall, row.f1))
        scores.add_row(row.label, *figures, f"{row.support:,}")
    confusion = table("Confusion matrix: true digit down, predicted across", "", *"0123456789")
    for digit, counts in enumerate(report.confusion):
        confusion.add_row(str(digit), *(str(count) if count else "·" for count in counts))
    show(scores, confusion)
    console.print(
        f"Test accuracy {accuracy_in_context(report.accuracy, len(report.labels))}; "
        f"test loss {report.loss:.4f}; top-2 accuracy {percent(report.top2_accuracy)}; "
        f"calibration error (ECE) {report.ece:.4f}"
    )
    if digits := run.spec.split.digits:
        own = report.only(digits)
        console.print(
            f"On its training digits, {write_digits(digits)}: "
            f"{accuracy_in_context(own.accuracy, len(own.labels))}; the test accuracy above "
            "includes all ten"
        )
    if not run.origin and (words := about_loss(run.spec)):
        console.print(words)
    _show_effort(run)


def show_unevaluated(run: Run) -> None:
    """Print the state of a trial or a range test, which is never evaluated on the test images."""
    what = "a learning-rate range test" if run.trial is None else "a trial of a study"
    console.print(
        f"Run {run.number} is {what}, so it never sees the test images: they judge networks whose "
        "settings are final. For a report, train its settings in full."
    )
    _show_effort(run)


def _show_effort(run: Run) -> None:
    """Print how a run ended, its epochs and seconds, and its number of parameters."""
    reason = f": {run.reason}" if run.reason else ""
    effort = f" after {run.epochs} of {run.planned} epochs, {run.seconds:.1f} s"
    seed = f"; seed {run.spec.training.seed}"
    which = f"Example {run.name}" if run.workspace == EXAMPLES else f"Run {run.number}"
    if run.origin:
        effort = seed = ""
    console.print(f"{which} {run.state}{reason}{effort}; {run.parameters:,} parameters{seed}")


def show_predictions(names: list[str], probabilities: np.ndarray) -> None:
    """Print the two most probable digits of each image. probabilities: (n, 10)."""
    columns = ("picture", "digit", "probability", "or else", "probability")
    made = table("", *columns, folds=("picture",))
    for name, row in zip(names, probabilities, strict=True):
        found = read(row)
        surest, next_best = probability(found.confidence), probability(found.runner_up_probability)
        made.add_row(one_line(name), str(found.digit), surest, str(found.runner_up), next_best)
    show(made)


def show_runs(runs: list[Run]) -> None:
    """Print a table of runs."""
    columns = ("run", "name", "network", "state", "epochs", "parameters", "seconds", "accuracy")
    made = table("", *columns, left=4, folds=("name", "network"))
    for run in runs:
        accuracy = "" if run.test_accuracy is None else percent(run.test_accuracy)
        made.add_row(
            *(str(run.number), one_line(run.name), write(run.spec.network), run.state),
            *(f"{run.epochs}/{run.planned}", f"{run.parameters:,}", f"{run.seconds:.1f}", accuracy),
        )
    if runs:
        show(made)
    else:
        console.print(f"No runs yet. Train one: `{COMMAND} train fast`")


def show_results(results: list[Result]) -> None:
    """Print a Markdown table, and the machine that it was measured on."""
    columns = ("network", "epochs", "parameters", "note's", "test accuracy", "note's")
    made = table("", *columns, "test loss", "note's", "seconds", markdown=True)
    for result in results:
        made.add_row(
            *(result.name, str(result.epochs), f"{result.parameters:,}"),
            f"{result.reported_parameters:,}" if result.reported_parameters else "–",
            f"{result.test_accuracy:.4f}",
            f"{result.reported_accuracy:.4f}" if result.reported_accuracy else "–",
            f"{result.test_loss:.4f}",
            f"{result.reported_loss:.4f}" if result.reported_loss else "–",
            f"{result.seconds:.1f}",
        )
    Console(**AS_IT_IS, width=max(110, console.width)).print(made)
    study = [result for result in results if result.name.startswith(NOTE_4.name)]
    if study:
        best = max(study, key=lambda result: result.test_accuracy)
        console.print(
            f"Course note 4 reports {percent(NOTE_4.accuracy)} as the best of its variants; the "
            f"best here is {best.name} with {percent(best.test_accuracy)}."
        )
    console.print(f"Measured on: {describe_processor()}.")


class Bar:
    """A `Listener` that shows a progress bar and a line per epoch on standard error."""

    def __init__(self) -> None:
        self.stop = False
        self.bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(),
            console=errors,
            transient=True,
        )
        self.task = self.bar.add_task("compiling the network", total=None, figures="")

    def on_progress(self, progress: TrainingProgress) -> bool:
        done = (progress.epoch - 1) * progress.steps + progress.step
        speed = f"  {progress.images_per_s:,.0f} images/s" if progress.images_per_s else ""
        self.bar.update(
            self.task,
            total=progress.epochs * progress.steps,
            completed=done,
            description=f"epoch {progress.epoch}/{progress.epochs}",
            figures=f"loss {progress.loss:.4f}  accuracy {progress.accuracy:.4f}{speed}",
        )
        return not self.stop

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> None:
        validation = (
            f"  val_loss {epoch.val_loss:.4f}  val_accuracy {epoch.val_accuracy:.4f}"
            if epoch.val_loss is not None
            else ""
        )
        self.bar.console.print(
            f"epoch {epoch.epoch}/{checkpoint.state.epochs}  loss {epoch.loss:.4f}  "
            f"accuracy {epoch.accuracy:.4f}{validation}  {epoch.seconds:.1f} s",
            soft_wrap=True,
        )
