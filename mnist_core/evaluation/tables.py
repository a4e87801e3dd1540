"""The results of a run as tables and CSV files, and rows of the test set selected by result."""

from dataclasses import asdict, fields

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.report import Report
from mnist_core.network.notation import course_notation, write
from mnist_core.network.settings import settings_of
from mnist_core.network.spec import Spec


def to_csv(table: pd.DataFrame) -> str:
    """Return a table as CSV, without its index.

    Text that a spreadsheet would take for a formula gets an apostrophe before it, since a name may
    come from a stranger.
    """
    return table.map(_no_formula).to_csv(index=False, lineterminator="\n")


def _no_formula(cell: object) -> object:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@")) else cell


def to_markdown(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a table as Markdown. Its cells are Markdown: escape what a person wrote."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def history_csv(epochs: list[Epoch]) -> str:
    """Return CSV with one row per epoch: the fields of `Epoch`, None as an empty cell."""
    columns = [field.name for field in fields(Epoch)]
    table = pd.DataFrame([asdict(epoch) for epoch in epochs], columns=columns)
    return to_csv(table)


def predictions_csv(report: Report) -> str:
    """Return CSV with one row per image: index from 0, label, predicted, confidence, p0 to p9."""
    table = {
        "index": np.arange(len(report.labels)),
        "label": report.labels,
        "predicted": report.predicted,
        "confidence": report.confidence,
    } | {f"p{digit}": column for digit, column in enumerate(report.probabilities.T)}
    return to_csv(pd.DataFrame(table))


def classification(report: Report) -> pd.DataFrame:
    """Return the classification report: one row per digit and two averages; scores in [0, 1]."""
    rows = [asdict(scores) for scores in (*report.classes, *report.averages)]
    return pd.DataFrame(rows).rename(columns={"label": "digit", "f1": "F1"})


def settings(spec: Spec, origin: str = "") -> pd.DataFrame:
    """Return every setting of a run as two columns of text, the network in both notations first.

    origin: the file name of a network trained elsewhere, whose other settings are unknown.
    """
    rows = {"network": write(spec.network), "course notation": course_notation(spec.network)}
    if origin:
        rows["trained elsewhere"] = origin
    else:
        rows |= _settings(spec)
    return pd.DataFrame(
        {"setting": [name.replace("_", " ") for name in rows], "value": map(str, rows.values())}
    )


def _settings(spec: Spec) -> dict[str, object]:
    values = settings_of(spec)
    return {name: "none" if value is None else value for name, value in values.items()}


def confusion_cell(report: Report, label: int, predicted: int) -> NDArray[np.intp]:
    """Return row numbers of one cell of the confusion matrix, (n,), most confident first."""
    rows = np.flatnonzero((report.labels == label) & (report.predicted == predicted))
    return rows[np.argsort(-report.confidence[rows], kind="stable")]


def most_frequent_mistake(report: Report) -> tuple[int, int]:
    """Return the (label, predicted) that is confused most often; (0, 1) without mistakes."""
    mistakes = report.confusion - np.diag(report.confusion.diagonal())
    if not mistakes.any():
        return 0, 1
    label, predicted = np.unravel_index(mistakes.argmax(), mistakes.shape)
    return int(label), int(predicted)


def mistakes(
    report: Report, label: int | None = None, predicted: int | None = None, confidence: float = 0
) -> NDArray[np.intp]:
    """Return row numbers of wrong predictions that match, (n,), most confident first.

    label, predicted: None for any; confidence: the least one, in [0, 1].
    """
    rows = report.mistakes
    fits = report.confidence[rows] >= confidence
    if label is not None:
        fits &= report.labels[rows] == label
    if predicted is not None:
        fits &= report.predicted[rows] == predicted
    return rows[fits]
