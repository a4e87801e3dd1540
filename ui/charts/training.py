"""Learning curves of a run, during training and after it."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.history import Epoch
from ui.charts import parts, style

POINTS = 400  # drawn for the batches at most; each is then the mean of several batches


def curves(
    metric: str,
    epochs: list[Epoch],
    batches: np.ndarray,
    steps: int,
    best: int | None,
    changes: Sequence[tuple[float, float]] = (),
) -> go.Figure:
    """Return loss or accuracy over the epochs: batches, epoch means, validation, and best epoch.

    metric: "loss" or "accuracy"; batches: (n,) float32 over all epochs; steps: batches per epoch;
    best: the epoch to mark, from 1; changes: where, in epochs, a person has set another learning
    rate.
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
        **_marks(best, metric, changes),
    )


def _marks(
    best: int | None, metric: str, changes: Sequence[tuple[float, float]]
) -> style.Attributes:
    """Return dotted lines at the best epoch and at new learning rates, labeled off the curve."""
    (end, y), (other_end, other_y) = ("top", 1), ("bottom", 0)
    if metric != "loss":
        (end, y), (other_end, other_y) = (other_end, other_y), (end, y)
    shapes = [parts.vertical(at, dash="dash") for at, _ in changes]
    place = {"yref": "paper", "yanchor": other_end, "xanchor": "left"}
    notes = [parts.note(f"lr {rate:g}", at, other_y, **place) for at, rate in changes]
    if best:
        shapes.append(parts.vertical(best, dash="dot"))
        place = {"yref": "paper", "yanchor": end, "xanchor": "right" if best > 1 else "left"}
        notes.append(parts.note(f"best: epoch {best}", best, y, **place))
    return {"shapes": shapes, "annotations": notes} if shapes else {}


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
