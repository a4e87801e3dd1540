"""Learning curves of a run, during training and after it."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.history import Epoch
from ui.charts import parts, style

PLOT, PLOT_ON_PHONE, PLOT_HEIGHT = 380, 270, 220  # pixels: of the curves, at least
CHARACTER, LINE, GAP = 6.5, 17, 6  # pixels of the labels above the curves
POINTS = 400  # drawn for the batches at most; each is then the mean of several batches


def curves(
    metric: str,
    epochs: list[Epoch],
    batches: np.ndarray,
    steps: int,
    best: int | None,
    changes: Sequence[tuple[float, float]] = (),
    narrow: bool = False,
) -> go.Figure:
    """Return loss or accuracy over the epochs: batches, epoch means, validation, and best epoch.

    metric: "loss" or "accuracy"; batches: (n,) float32 over all epochs; steps: batches per epoch;
    best: the epoch to mark, from 1; changes: new learning rates that a person has set, each with
    its place in epochs; narrow: for a phone.
    """
    numbers = np.array([epoch.epoch for epoch in epochs])
    values = np.array([getattr(epoch, metric) for epoch in epochs])
    validation = [getattr(epoch, f"val_{metric}") for epoch in epochs]
    data = []
    if len(batches) and steps:
        at, means = _thinned(batches, steps)
        name = "training, batch by batch"
        data.append(parts.line(at, means, style.TRAINING, width=1, opacity=0.4, name=name))
    if epochs:
        data.append(parts.line(numbers, values, style.TRAINING, symbol="circle", name="training"))
    if validation and None not in validation:
        look: style.Attributes = {"dash": "dash", "symbol": "diamond"}
        held_out = np.array(validation)
        data.append(parts.line(numbers, held_out, style.VALIDATION, name="validation", **look))
    return parts.figure(
        data,
        320,
        parts.axis("epoch", rangemode="tozero", fixedrange=False),
        parts.axis(metric, range=_range(metric, epochs, batches), fixedrange=False),
        uirevision=metric,
        hovermode="x unified",
        **_marks(best, len(epochs), changes, narrow),
    )


def _marks(
    best: int | None, epochs: int, changes: Sequence[tuple[float, float]], narrow: bool
) -> style.Attributes:
    """Return lines at new learning rates and at the best epoch, with labels above the curves."""
    marks = [(at, f"lr {rate:g}", "dash") for at, rate in changes]
    if best:
        marks.append((best, f"best: epoch {best}", "dot"))
    if not marks:
        return {}
    marks.sort()
    width = PLOT_ON_PHONE if narrow else PLOT
    end = 1.03 * max(epochs, marks[-1][0])  # Plotly leaves room for the last marker
    places = [_place(width * at / end, CHARACTER * len(words), width) for at, words, _ in marks]
    lines, notes = lines_for([place[1:] for place in places]), []
    for (at, words, _), (anchor, _, _), line in zip(marks, places, lines, strict=True):
        place = {"yref": "paper", "yanchor": "bottom", "xanchor": anchor, "yshift": LINE * line}
        notes.append(parts.note(words, at, 1, **place))
    return {
        "shapes": [parts.vertical(at, dash=dash) for at, _, dash in marks],
        "annotations": notes,
        "legend": {"y": 1 + (LINE * (max(lines) + 1) + 4) / PLOT_HEIGHT},
    }


def _place(at: float, length: float, width: float) -> tuple[str, float, float]:
    """Return how a label is anchored to its line, and where it begins and ends.

    at: of the line; length: of the label; width: of the figure, in which the label stays. All in
    pixels.
    """
    if at < length / 2:
        return "left", at, at + length
    if at > width - length / 2:
        return "right", at - length, at
    return "center", at - length / 2, at + length / 2


def lines_for(spans: Sequence[tuple[float, float]]) -> list[int]:
    """Return for each label the lowest line in which it covers none of the labels before it.

    spans: where each label begins and ends, in pixels.
    """
    lines: list[int] = []
    for begin, end in spans:
        taken = {
            line
            for line, (other, other_end) in zip(lines, spans, strict=False)
            if begin < other_end + GAP and other < end + GAP
        }
        lines.append(min(set(range(len(lines) + 1)) - taken))
    return lines


def _thinned(batches: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of neighboring batches, and the fractional epoch at which each mean ends.

    steps: batches per epoch. Both results are (n,) float64, n at most POINTS.
    """
    width = max(1, -(-len(batches) // POINTS))
    starts = np.arange(0, len(batches), width)
    ends = np.minimum(starts + width, len(batches))
    means = np.add.reduceat(batches.astype(np.float64), starts) / (ends - starts)
    return ends / steps, means


def _range(metric: str, epochs: list[Epoch], batches: np.ndarray) -> list[float]:
    """Return the limits of the y-axis.

    Accuracy ends at 1; the high loss of the first batches is cut off.
    """
    if metric == "accuracy":
        seen = [e.accuracy for e in epochs] + [e.val_accuracy for e in epochs if e.val_accuracy]
        return [max(0.0, min(seen) - 0.06) if seen else 0, 1.005]
    seen = [epoch.loss for epoch in epochs] + [e.val_loss for e in epochs if e.val_loss]
    return [0, 1.6 * max(seen) if seen else float(batches.max(initial=2.5)) * 1.05]
