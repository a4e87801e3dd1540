"""Learning curves of a run, during training and after it."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.history import Epoch
from ui.charts import style

POINTS = 400  # drawn for the batches at most; each is then the mean of several batches


def curves(
    metric: str, epochs: list[Epoch], batches: np.ndarray, steps: int, best: int | None
) -> go.Figure:
    """Return loss or accuracy over the epochs: batches, epoch means, validation, and best epoch.

    metric: "loss" or "accuracy"; batches: (n,) float32 over all epochs; steps: batches per epoch;
    best: the epoch to mark, from 1.
    """
    numbers = np.array([epoch.epoch for epoch in epochs])
    values = np.array([getattr(epoch, metric) for epoch in epochs])
    validation = [getattr(epoch, f"val_{metric}") for epoch in epochs]
    traces: list[dict[str, object]] = []
    if len(batches) and steps:
        at, means = _thinned(batches, steps)
        words = "training, batch by batch"
        line = {"color": style.TRAINING, "width": 1}
        traces.append({"name": words, "x": at, "y": means, "line": line, "mode": "lines"})
        traces[-1]["opacity"] = 0.4
    if epochs:
        line = {"color": style.TRAINING, "width": 2.5}
        traces.append({"name": "training", "x": numbers, "y": values, "line": line})
    if validation and None not in validation:
        line = {"color": style.VALIDATION, "width": 2.5, "dash": "dash"}
        held_out = np.array(validation)
        traces.append({"name": "validation", "x": numbers, "y": held_out, "line": line})
        traces[-1]["marker"] = {"symbol": "diamond", "size": 8}
    layout: style.Attributes = style.layout(320, "epoch", metric) | {
        "uirevision": metric,
        "hovermode": "x unified",
    }
    layout |= _mark(best, metric) if best else {}
    layout["xaxis"] |= {"rangemode": "tozero"}
    layout["yaxis"] |= _range(metric, epochs, batches)
    # Made in one call: adding traces one by one takes three times as long, and this chart is live.
    data = [{"type": "scatter", "mode": "lines+markers"} | trace for trace in traces]
    return go.Figure({"data": data, "layout": layout})


def _mark(best: int, metric: str) -> dict[str, object]:
    """Return a dotted line at the best epoch, with its label away from the curve."""
    end = ("top", 1) if metric == "loss" else ("bottom", 0)
    line = {"color": style.NEUTRAL, "dash": "dot"}
    words = {"x": best, "y": end[1], "yref": "paper", "yanchor": end[0], "showarrow": False,
             "xanchor": "right" if best > 1 else "left", "text": f"best: epoch {best}"}  # fmt: skip
    shape = {
        "type": "line",
        "x0": best,
        "x1": best,
        "y0": 0,
        "y1": 1,
        "yref": "paper",
        "line": line,
    }
    return {"shapes": [shape], "annotations": [words]}


def _thinned(batches: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the means of neighboring batches, and the fractional epoch at which each mean ends.

    steps: batches per epoch. Both results are (n,) float64, n at most POINTS.
    """
    width = max(1, -(-len(batches) // POINTS))
    starts = np.arange(0, len(batches), width)
    ends = np.minimum(starts + width, len(batches))
    means = np.add.reduceat(batches.astype(np.float64), starts) / (ends - starts)
    return ends / steps, means


def _range(metric: str, epochs: list[Epoch], batches: np.ndarray) -> dict[str, object]:
    """Return the limits of the y-axis.

    Accuracy ends at 1; the high loss of the first batches is cut off.
    """
    if metric == "accuracy":
        seen = [e.accuracy for e in epochs] + [e.val_accuracy for e in epochs if e.val_accuracy]
        return {"range": [max(0.0, min(seen) - 0.06), 1.005] if seen else [0, 1.005]}
    seen = [epoch.loss for epoch in epochs] + [e.val_loss for e in epochs if e.val_loss]
    top = 1.6 * max(seen) if seen else float(batches.max(initial=2.5)) * 1.05
    return {"range": [0, top]}
