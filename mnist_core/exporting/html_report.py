"""A run as one HTML file to read and print: it loads nothing and runs no script. No TensorFlow.

Every text goes through `html.escape`, since names and reasons may come from strangers.
"""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO

import numpy as np
from PIL import Image

from mnist_core.dataset import mnist
from mnist_core.evaluation import tables
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.evaluation.statistics import wilson_interval
from mnist_core.exporting import facts, script, svg
from mnist_core.network.summary import summarize
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from mnist_core.utils.text import (
    duration,
    format_shape,
    one_line,
    percent,
    plural,
    probability,
    with_article,
)

MOST_MISTAKES = 40
"""The most mistakes that are shown."""

_STYLE = """\
:root { color-scheme: light; font: 15px/1.5 system-ui, sans-serif; color: #1f2937; }
body { max-width: 178mm; margin: 8mm auto; padding: 0 4mm; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; line-height: 1.25; }
h2 { font-size: 1.15rem; margin: 1.6rem 0 0.4rem; break-after: avoid; }
.accuracy { font-size: 3rem; line-height: 1.1; margin: 0; }
.curves { display: grid; grid-template-columns: 1fr 1fr; gap: 4mm; }
svg { width: 100%; font-size: 11px; fill: #4b5563; }
svg .name { font-weight: 600; }
svg .line { fill: none; stroke-width: 2; }
svg .grid { stroke: #e5e7eb; }
table { border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.15rem 0.6rem; border-bottom: 1px solid #e5e7eb; text-align: right; }
th:first-child, td:first-child { text-align: left; }
.text th, .text td { text-align: left; }
.matrix td, .matrix th { width: 9mm; padding: 0.2rem; text-align: center; border: 0; }
.mistakes { display: flex; flex-wrap: wrap; gap: 3mm; padding: 0; list-style: none; }
.mistakes li { width: 19mm; font-size: 0.7rem; line-height: 1.3; text-align: center; }
.mistakes img { width: 100%; image-rendering: pixelated; }
pre { font-size: 0.72rem; line-height: 1.4; white-space: pre-wrap; }
tr, svg, li, .matrix { break-inside: avoid; }
@page { size: A4; margin: 15mm; }
@media print {
  body { max-width: none; margin: 0; padding: 0; print-color-adjust: exact; }
}"""

_PAGE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>
{style}
</style>
</head>
<body>
<h1>{title}</h1>
{body}
</body>
</html>
"""
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def of_run(store: Store, run_id: int) -> str:
    """Return the report of a run as HTML. Raises StoreError if there is no such run."""
    run, report = store.run(run_id), artifacts.load_report(store, run_id)
    sections = {
        "Learning curves": _curves(store, run),
        "Digit by digit": _digits(report) if report else "",
        "Confusion matrix": _confusion(report) if report else "",
        "Mistakes": _mistakes(report) if report else "",
        "The network": _network(run),
        "Settings": _settings(run),
        "Code": f"<pre>{escape(script.of_run(run))}</pre>",
    }
    parts = [f"<h2>{title}</h2>\n{part}" for title, part in sections.items() if part]
    return _PAGE.format(
        policy=_POLICY,
        title=escape(facts.title(run)),
        style=_STYLE,
        body="\n".join([_results(run, report), *parts]),
    )


def _paragraph(text: str) -> str:
    return f"<p>{escape(text)}</p>"


def _table(head: Sequence[str], rows: Iterable[Sequence[object]], kind: str = "") -> str:
    """Return a table of texts and numbers. kind: its class in the style sheet."""
    names = "".join(f"<th>{escape(name)}</th>" for name in head)
    lines = ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    body = "".join(f"\n<tr>{line}</tr>" for line in (names, *lines))
    return f'<table class="{kind}">{body}\n</table>'


def _results(run: Run, report: Report | None) -> str:
    """Return the test accuracy, large, the other figures, and how the run was trained."""
    told = facts.deviations(run)
    if not run.origin:
        epochs = f"{run.epochs} of {plural(run.planned, 'epoch')} in {duration(run.seconds)}"
        told.insert(0, f"{epochs} of training, seed {run.spec.training.seed}.")
    about = _paragraph(" ".join(told))
    if note := one_line(run.note):
        about += _paragraph(f"Note: {note}")
    if report is None:
        return _paragraph(facts.result(run)) + about
    images = len(report.labels)
    low, high = wilson_interval(report.accuracy, images)
    figures = (
        f"{report.wrong:,} wrong of {images:,} test images; 95 % interval {percent(low)} to "
        f"{percent(high)}. Top-2 accuracy {percent(report.top2_accuracy)}, test loss "
        f"{report.loss:.4f}, calibration error {percent(report.ece)}."
    )
    accuracy = f'<p class="accuracy">{percent(report.accuracy)}</p>'
    return f"<p>Test accuracy</p>{accuracy}{_paragraph(figures)}{about}"


def _curves(store: Store, run: Run) -> str:
    epochs = store.epochs(run.id)
    figures = "".join(svg.learning_curves(metric, epochs) for metric in ("loss", "accuracy"))
    return f'<div class="curves">{figures}</div>' if figures else ""


def _digits(report: Report) -> str:
    rows = [
        (row.label, percent(row.precision), percent(row.recall), percent(row.f1), row.support)
        for row in (*report.classes, *report.averages)
    ]
    return _table(("digit", "precision", "recall", "F1", "support"), rows)


def _confusion(report: Report) -> str:
    """Return the confusion matrix as a table: the diagonal blue, mistakes red by their number."""
    counts = report.confusion
    most = max(1, int((counts - np.diag(counts.diagonal())).max()))
    digits = range(len(counts))
    lines = [f"<tr><th></th>{''.join(f'<th>{digit}</th>' for digit in digits)}</tr>"]
    for true in digits:
        cells = "".join(
            f'<td style="background: {_shade(true == read, counts[true, read] / most)}">'
            f"{counts[true, read]}</td>"
            for read in digits
        )
        lines.append(f"<tr><th>{true}</th>{cells}</tr>")
    words = _paragraph("True digits down, predicted digits across.")
    return words + '<table class="matrix">\n' + "\n".join(lines) + "\n</table>"


def _shade(right: bool, share: float) -> str:
    """Return the color of a cell. share: of the largest number of mistakes in a cell."""
    if right:
        return "#c7dafc"
    return f"rgba(220, 38, 38, {0.1 + 0.6 * share:.2f})" if share else "none"


def _mistakes(report: Report) -> str:
    """Return the most confident mistakes as pictures."""
    rows = report.mistakes[:MOST_MISTAKES]
    if not len(rows):
        return _paragraph("There are none.")
    which = "All" if len(rows) == report.wrong else f"The {len(rows)} most confident of"
    words = (
        f"{which} {report.wrong:,} mistakes: true digit → predicted digit, confidence, "
        "image number."
    )
    pictures = "".join(_mistake(report, int(row)) for row in rows)
    return f'{_paragraph(words)}<ul class="mistakes">{pictures}</ul>'


def _mistake(report: Report, row: int) -> str:
    label, read = report.labels[row], report.predicted[row]
    sure = probability(float(report.confidence[row]), 0)
    alt = f"Test image {row}, {with_article(label)}"
    picture = f'<img src="{_png(mnist.load().x_test[row])}" alt="{alt}">'
    return f"<li>{picture}<br>{label} → {read}, {escape(sure)}<br>#{row}</li>"


def _png(image: np.ndarray) -> str:
    """Return an image as the data URL of a PNG, dark on light to spare ink. image: uint8 (h, w)."""
    file = BytesIO()
    Image.fromarray(255 - image).save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"


def _network(run: Run) -> str:
    made = summarize(run.spec.network)
    rows = [
        (row.name, row.type, format_shape(row.output_shape), f"{row.parameters:,}", row.arithmetic)
        for row in made.rows
    ]
    words = f"{made.parameters:,} parameters, {made.multiply_adds:,} multiply-adds per image."
    head = ("layer", "type", "output", "parameters", "arithmetic")
    return _paragraph(words) + _table(head, rows, "text")


def _settings(run: Run) -> str:
    found = tables.settings(run.spec, run.origin)
    table = _table(tuple(found.columns), found.itertuples(index=False), "text")
    return table + "".join(map(_paragraph, facts.deviations(run)))
