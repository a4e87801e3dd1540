"""Figures of the page Results: confusion matrix and calibration."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from mnist_core.evaluation.report import BINS, Report
from ui.charts import style

DIGITS = np.arange(10)


def confusion(report: Report, label: int, predicted: int, percent: bool, ink: str) -> go.Figure:
    """Return the confusion matrix of a report, with the cell (label, predicted) framed."""
    return matrix(report.confusion, percent, ink, [style.frame(label, predicted, 1, 1)])


def matrix(
    counts: np.ndarray,
    percent: bool,
    ink: str,
    shapes: Sequence[dict[str, object]] = (),
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
    data = [
        _cells(np.where(right, 1.0, np.nan), style.TRAINING, 0.3),
        _cells(np.where(right | (counts == 0), np.nan, values), style.WRONG, 0.7),
        _targets(counts, shares),
    ]
    axis = {"tickvals": DIGITS, "fixedrange": True, "showgrid": False, "zeroline": False}
    layout = style.layout(height, "predicted digit", "true digit") | {
        "hoverdistance": -1,  # the whole cell reacts, not only its point
        "showlegend": False,
        "annotations": _numbers(values, ink),
        "shapes": list(shapes),
    }
    layout["xaxis"] |= axis | {"side": "top", "range": [-0.5, 9.5]}
    layout["yaxis"] |= axis | {"range": [9.5, -0.5]}
    return go.Figure({"data": data, "layout": layout})


def _numbers(values: np.ndarray, ink: str) -> list[dict]:
    """Return the number of each cell as an annotation: counts, or percentages with one decimal.

    They are plain dictionaries, set all at once: adding them one by one takes Plotly 0.9 s.
    """
    font = {"size": 12, "color": ink}
    whole = values.dtype.kind == "i"
    return [
        {
            "x": guess,
            "y": true,
            "text": f"{number}" if whole or number else "0",
            "showarrow": False,
            "font": font,
        }
        for (true, guess), number in np.ndenumerate(values if whole else values.round(1))
    ]


def _cells(values: np.ndarray, color: str, strongest: float) -> go.Heatmap:
    """Return cells that start nearly transparent, to suit both themes; NaN stays empty."""
    return go.Heatmap(
        z=values,
        zmin=0,
        colorscale=[(0, style.with_opacity(color, 0.1)), (1, style.with_opacity(color, strongest))],
        showscale=False,
        hoverinfo="skip",
        xgap=1,
        ygap=1,
    )


def _targets(counts: np.ndarray, shares: np.ndarray) -> go.Scatter:
    """Return an invisible point per cell, to hover over and to click."""
    true, guess = (axis.ravel() for axis in np.indices(counts.shape))
    unseen = {"marker": {"opacity": 0}}
    return go.Scatter(
        x=guess,
        y=true,
        mode="markers",
        marker={"symbol": "square", "size": 24, "opacity": 0},
        selected=unseen,
        unselected=unseen,
        text=[
            f"{count:,} of the {row}s read as {column} ({share:.1f} %)"
            for row, column, count, share in zip(
                true, guess, counts.ravel(), shares.ravel(), strict=True
            )
        ],
        hovertemplate="%{text}<extra></extra>",
    )


def calibration(report: Report) -> go.Figure:
    """Return the reliability diagram, with the number of predictions in each bin below."""
    bins, middles = report.reliability, (np.arange(BINS) + 0.5) / BINS
    figure = make_subplots(rows=2, shared_xaxes=True, vertical_spacing=0.06, row_heights=[0.7, 0.3])
    accuracy = go.Bar(
        x=middles,
        y=bins.accuracy,
        width=1 / BINS,
        name="accuracy",
        marker={"color": style.TRAINING, "opacity": 0.75},
        customdata=np.stack([bins.count, bins.confidence], axis=1),
        hovertemplate="%{customdata[0]:,} images, on average %{customdata[1]:.1%} sure, "
        "%{y:.1%} right<extra></extra>",
    )
    perfect = go.Scatter(
        x=np.array([0, 1]),
        y=np.array([0, 1]),
        mode="lines",
        name="perfectly calibrated",
        line={"color": style.NEUTRAL, "dash": "dash"},
        hoverinfo="skip",
    )
    count = go.Bar(
        x=middles,
        y=bins.count,
        width=1 / BINS,
        name="images",
        marker_color=style.NEUTRAL,
        hovertemplate="%{y:,} images<extra></extra>",
    )
    figure.add_traces([accuracy, perfect, count], rows=[1, 1, 2], cols=[1, 1, 1])
    style.finish(figure, 480)
    figure.update_xaxes(fixedrange=True, range=[0, 1.02], dtick=0.2, tickformat=".0%")
    figure.update_xaxes(title="confidence", row=2)
    figure.update_yaxes(fixedrange=True)
    figure.update_yaxes(title="accuracy", range=[0, 1.03], tickformat=".0%", row=1)
    return figure.update_yaxes(
        title="images (log)", type="log", tickvals=10 ** np.arange(5), range=[-0.3, 4.1], row=2
    )
