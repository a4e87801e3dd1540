"""Figures of the page Results: confusion matrix and calibration."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.report import BINS, Report
from ui.charts import parts, style

DIGITS = np.arange(10)


def confusion(report: Report, label: int, predicted: int, percent: bool, ink: str) -> go.Figure:
    """Return the confusion matrix of a report, with the cell (label, predicted) framed."""
    return matrix(report.confusion, percent, ink, [parts.frame(label, predicted, 1, 1)], 440)


def matrix(
    counts: np.ndarray,
    percent: bool,
    ink: str,
    shapes: Sequence[style.Attributes] = (),
    height: int = 480,
) -> go.Figure:
    """Return a confusion matrix with true digits down and predicted digits across.

    counts: (10, 10) integers; ink: color of the numbers. The diagonal is blue; mistakes are red on
    a scale of their own, since the diagonal's large counts would hide them. Streamlit cannot select
    cells of a heatmap, so invisible points lie over them: x is the predicted digit, y the true one.
    """
    shares = 100 * counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    values = shares if percent else counts
    right = np.eye(10, dtype=bool)
    wrong = np.where(right | (counts == 0), np.nan, values)
    axis = {"tickvals": DIGITS, "showgrid": False, "zeroline": False}
    return parts.figure(
        [
            _cells(np.where(right, 1.0, np.nan), style.TRAINING, 0.3),
            _cells(wrong, style.WRONG, 0.7),
            _numbers(counts, shares, percent, ink),
        ],
        height,
        parts.axis("predicted digit", side="top", range=[-0.5, 9.5], **axis),
        parts.axis("true digit", range=[9.5, -0.5], **axis),
        hoverdistance=-1,  # the whole cell reacts, not only its point
        showlegend=False,
        shapes=list(shapes),
    )


def _cells(values: np.ndarray, color: str, strongest: float) -> style.Attributes:
    """Return cells that start nearly transparent, to suit both themes; NaN stays empty."""
    colors = [(at, style.with_opacity(color, share)) for at, share in ((0, 0.1), (1, strongest))]
    most = float(np.nan_to_num(values).max()) or 1.0
    return parts.heatmap(values, colors, 0, most, None, gap=1)


def _numbers(counts: np.ndarray, shares: np.ndarray, percent: bool, ink: str) -> style.Attributes:
    """Return the number of each cell, with an invisible point to hover over and to click."""
    shown = [f"{share:.1f}" if share else "0" for share in shares.ravel().round(1)]
    true, guess = (axis.ravel() for axis in np.indices(counts.shape))
    hover = "%{customdata[0]:,} of the %{y}s read as %{x} (%{customdata[1]:.1f} %)"
    about = np.stack([counts, shares], axis=-1).reshape(-1, 2).astype(np.float32)
    cells = parts.targets(guess, true, 24, hover, customdata=about)
    texts = shown if percent else list(map(str, counts.ravel()))
    cells |= {"mode": "markers+text", "text": texts, "textfont": {"size": 12, "color": ink}}
    return cells | {"unselected": cells["unselected"] | {"textfont": {"color": ink}}}


def calibration(report: Report) -> go.Figure:
    """Return the reliability diagram, with the number of predictions in each bin below."""
    bins, middles = report.reliability, (np.arange(BINS) + 0.5) / BINS
    ends = np.array([0, 1])
    hover = "%{customdata[0]:,} images, on average %{customdata[1]:.1%} sure, %{y:.1%} right"
    data = [
        parts.bars(middles, bins.accuracy, style.TRAINING, hover, width=1 / BINS, name="accuracy")
        | {"opacity": 0.75, "customdata": np.stack([bins.count, bins.confidence], axis=1)},
        parts.line(ends, ends, style.NEUTRAL, None, dash="dash", name="perfectly calibrated"),
        parts.bars(middles, bins.count, style.NEUTRAL, "%{y:,} images", width=1 / BINS)
        | {"name": "images", "yaxis": "y2"},
    ]
    confidence = {"range": [0, 1.02], "dtick": 0.2, "tickformat": ".0%", "anchor": "y2"}
    counts = {"type": "log", "tickvals": 10 ** np.arange(5), "range": [-0.3, 4.1]}
    accuracy = {"range": [0, 1.03], "tickformat": ".0%", "domain": [0.342, 1]}
    return parts.figure(
        data,
        480,
        parts.axis("confidence", **confidence),
        parts.axis("accuracy", **accuracy),
        yaxis2=parts.axis("images (log)", domain=[0, 0.282], **counts),
    )
