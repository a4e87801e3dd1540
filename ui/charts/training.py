"""Learning curves, live or finished."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.progress import Epoch
from ui.charts import style

POINTS = 400  # at most so many of the batches are drawn; each is then a mean of several


def curves(
    metric: str, epochs: list[Epoch], batches: np.ndarray, steps: int, best: int | None
) -> go.Figure:
    """Loss or accuracy over the epochs: every batch, the epochs' means, validation, the best.

    metric: "loss" or "accuracy"; batches: (n,) float32 over all epochs; steps: batches an epoch;
    best: the epoch to mark.
    """
    figure = go.Figure()
    if len(batches) and steps:
        at, means = _thinned(batches, steps)
        figure.add_scatter(
            x=at,
            y=means,
            name="training, batch by batch",
            mode="lines",
            line={"color": style.TRAINING, "width": 1},
            opacity=0.4,
        )
    numbers = [epoch.epoch for epoch in epochs]
    figure.add_scatter(
        x=numbers,
        y=[getattr(epoch, metric) for epoch in epochs],
        name="training",
        mode="lines+markers",
        line={"color": style.TRAINING, "width": 2.5},
    )
    validation = [getattr(epoch, f"val_{metric}") for epoch in epochs]
    if any(value is not None for value in validation):
        figure.add_scatter(
            x=numbers,
            y=validation,
            name="validation",
            mode="lines+markers",
            line={"color": style.VALIDATION, "width": 2.5, "dash": "dash"},
            marker={"symbol": "diamond", "size": 8},
        )
    if best:
        figure.add_vline(
            best,
            line={"color": style.NEUTRAL, "dash": "dot"},
            annotation_text=f"best: epoch {best}",
            annotation_position="bottom left" if best > 1 else "bottom right",
        )
    style.finish(figure, 320, "epoch", metric)
    figure.update_layout(uirevision=metric, hovermode="x unified")
    figure.update_xaxes(rangemode="tozero")
    return figure.update_yaxes(**_range(metric, epochs, batches))


def _thinned(batches: np.ndarray, steps: int) -> tuple[np.ndarray, np.ndarray]:
    """Means of neighbouring batches and the epoch, as a fraction, at which each ends."""
    width = max(1, -(-len(batches) // POINTS))
    starts = np.arange(0, len(batches), width)
    ends = np.minimum(starts + width, len(batches))
    means = np.add.reduceat(batches.astype(np.float64), starts) / (ends - starts)
    return ends / steps, means


def _range(metric: str, epochs: list[Epoch], batches: np.ndarray) -> dict:
    """Accuracy ends at 1; a loss of the first batches must not flatten all the rest."""
    if metric == "accuracy":
        seen = [e.accuracy for e in epochs] + [e.val_accuracy for e in epochs if e.val_accuracy]
        return {"range": [max(0.0, min(seen) - 0.06), 1.005] if seen else [0, 1.005]}
    seen = [epoch.loss for epoch in epochs] + [e.val_loss for e in epochs if e.val_loss]
    top = 1.6 * max(seen) if seen else float(batches.max(initial=2.5)) * 1.05
    return {"range": [0, top]}
