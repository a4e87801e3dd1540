"""Figures of the ideas Fitting and Holdout: learning curves, polynomials, luck, and splits."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.history import Epoch
from mnist_core.teaching.concepts.fitting import DEGREES, Fits, truth
from mnist_core.teaching.concepts.holdout import Draw, Sizes, deviation
from ui.charts import style, training

GRID = np.linspace(-1, 1, 301)
HIGHEST = 2.6
"""Limit of the y-axis, positive and negative; a polynomial may go beyond it."""
MOST_ERROR = 10.0
STILL = {"fixedrange": True}


def until(metric: str, epochs: list[Epoch], stop: int, best: int | None) -> go.Figure:
    """Return a run's learning curves up to an epoch, on the axes of the whole run.

    metric: "loss" or "accuracy"; best: the epoch to mark.
    """
    figure = training.curves(metric, epochs[:stop], np.zeros(0, np.float32), 0, best)
    values = np.array([(getattr(e, metric), getattr(e, f"val_{metric}")) for e in epochs])
    ends = [0, 1.08 * values.max()] if metric == "loss" else [max(0, values.min() - 0.06), 1.005]
    figure.layout.yaxis.range = ends
    figure.layout.xaxis.range = [0, len(epochs) + 0.5]
    if best and best < len(epochs) / 2:  # where there is room for the label
        figure.layout.annotations[0].xanchor = "left"
    return figure


def points(fits: Fits, degree: int) -> go.Figure:
    """Return the points, the curve that they are drawn from, and the polynomial of a degree."""
    shown: dict[str, object] = {
        "x": fits.val_x,
        "y": fits.val_y,
        "name": "validation",
        "mode": "markers",
    }
    shown |= {"marker": {"color": style.VALIDATION, "symbol": "diamond", "size": 5}}
    trained = {"x": fits.x, "y": fits.y, "name": "training", "mode": "markers"}
    trained |= {"marker": {"color": style.TRAINING, "size": 9}}
    true: dict[str, object] = {
        "x": GRID,
        "y": truth(GRID),
        "name": "the truth, sin πx",
        "mode": "lines",
    }
    true |= {"line": {"color": style.NEUTRAL, "dash": "dash", "width": 2}}
    fitted: dict[str, object] = {"x": GRID, "y": fits.curve(degree, GRID), "mode": "lines"}
    fitted |= {"name": f"degree {degree}", "line": {"color": style.SERIES[0][0], "width": 3}}
    layout = style.layout(360, "x", "y")
    layout["xaxis"] |= STILL | {"range": [-1.03, 1.03]}
    layout["yaxis"] |= STILL | {"range": [-HIGHEST, HIGHEST]}
    return _scatter([shown | {"opacity": 0.45}, true, trained, fitted], layout)


def errors(fits: Fits, degree: int, noise: float) -> go.Figure:
    """Return training and validation error over the degree, with the chosen degree marked.

    noise: standard deviation of the points, drawn as a line: the error that no fit can remove.
    """
    degrees = np.arange(DEGREES)
    data = [
        _line("training", degrees, fits.training, style.TRAINING, "solid", "circle"),
        _line("validation", degrees, fits.validation, style.VALIDATION, "dash", "diamond"),
    ]
    if noise:
        line = {"color": style.NEUTRAL, "dash": "dot", "width": 2}
        ends = {"x": np.array([0, DEGREES - 1]), "y": np.full(2, noise)}
        data.append(ends | {"name": "the noise alone", "mode": "lines", "line": line})
    layout: style.Attributes = style.layout(360, "degree", "error (log scale)")
    layout["hovermode"] = "x unified"
    layout["xaxis"] |= STILL | {"dtick": 3, "range": [-0.5, DEGREES - 0.5]}
    lowest = noise / 20 if noise else 1e-8
    layout["yaxis"] |= STILL | {"type": "log", "range": list(np.log10([lowest, MOST_ERROR]))}
    layout["yaxis"] |= {"dtick": 1 if noise else 2, "exponentformat": "power"}
    layout["shapes"] = [_upright(degree, style.SERIES[0][0])]
    return _scatter(data, layout)


def lucky(drawn: Draw, accuracy: float) -> go.Figure:
    """Return the distribution of measured accuracies around the true one.

    Lines mark the best measurement, and the accuracy of the same setting on fresh images.
    """
    right = np.rint(drawn.measured * drawn.images).astype(int)
    width = max(1, -(-int(np.ptp(right) + 1) // 40))  # images per bar
    first = right.min()
    counts = np.bincount((right - first) // width)
    centers = (first + width * np.arange(len(counts)) + (width - 1) / 2) / drawn.images
    bars: dict[str, object] = {
        "type": "bar",
        "name": "settings, as measured",
        "x": centers,
        "y": counts,
        "width": np.full(len(counts), width / drawn.images),
        "marker": {"color": style.NEUTRAL, "line": {"width": 0}},
        "hovertemplate": "%{x:.2%}: %{y} settings<extra></extra>",
    }
    top = 1.15 * counts.max()
    data = [
        bars,
        _flag("true", accuracy, top, style.RIGHT, "dash", "square"),
        _flag("best, as measured", drawn.best, top, style.VALIDATION, "solid", "diamond"),
        _flag("the same, on fresh images", drawn.fresh, top, style.SERIES[2][0], "dot", "circle"),
    ]
    layout = style.layout(360, "accuracy", "settings")
    values = [*drawn.measured, drawn.fresh, accuracy]
    rest = deviation(accuracy, drawn.images)  # a single setting gives a distribution without width
    ends = [min(values) - rest, max(values) + rest]
    layout["xaxis"] |= STILL | {"tickformat": ".2~%", "nticks": 6, "range": ends}
    layout["yaxis"] |= STILL | {"range": [0, 1.08 * top], "dtick": 1 if top < 6 else None}
    return go.Figure({"data": data, "layout": layout})


def _flag(
    name: str, at: float, top: float, color: str, dash: str, symbol: str
) -> dict[str, object]:
    return {
        "type": "scatter",
        "name": name,
        "x": np.full(2, at),
        "y": np.array([0, top]),
        "mode": "lines+markers",
        "line": {"color": color, "dash": dash, "width": 3},
        "marker": {"symbol": symbol, "size": np.array([0, 11])},
        "hovertemplate": f"{name}: %{{x:.2%}}<extra></extra>",
    }


def optimism(
    settings: np.ndarray, exact: np.ndarray, rule: np.ndarray, accuracy: float, at: int, best: float
) -> go.Figure:
    """Return the expected best accuracy of k equal settings, and the one just measured.

    settings: (m,) values of k; exact: (m,) expected best accuracy; rule: (m,) its rule of thumb;
    accuracy: the true one; at, best: k and best accuracy of the present draw.
    """
    ends = {"x": settings[[0, -1]], "y": np.full(2, accuracy), "name": "true", "mode": "lines"}
    here = {"x": np.array([at]), "y": np.array([best]), "name": "this draw", "mode": "markers"}
    here |= {"marker": {"color": style.VALIDATION, "symbol": "diamond", "size": 12}}
    data = [
        ends | {"line": {"color": style.RIGHT, "dash": "dash", "width": 2}},
        _line("rule of thumb", settings, rule, style.NEUTRAL, "dot", None),
        _line("best of k, on average", settings, exact, style.SERIES[0][0], "solid", None),
        here,
    ]
    layout = style.layout(360, "settings tried, k (log scale)", "accuracy")
    layout |= {"hovermode": "x unified"}
    layout["xaxis"] |= STILL | {"type": "log", "dtick": 1, "range": [-0.1, 3.1]}
    layout["yaxis"] |= STILL | {"tickformat": ".2~%", "hoverformat": ".2%"}
    return _scatter(data, layout)


_PARTS = (
    ("train", "training", style.TRAINING, ""),
    ("validation", "validation", style.VALIDATION, "/"),
    ("test", "test", style.NEUTRAL, "x"),
    ("both", "validation and test at once", style.WRONG, "+"),
    ("unused", "not used", "rgba(128, 138, 153, 0.2)", ""),
)


def splits(names: Sequence[str], counted: Sequence[Sizes]) -> go.Figure:
    """Return a bar of the 70,000 images for each split: training, validation and test images."""
    data = []
    for part, words, color, pattern in _PARTS:
        counts = np.array([getattr(each, part) for each in counted])
        if not counts.any():
            continue
        data.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": words,
                "y": list(names),
                "x": counts,
                "marker": {"color": color, "pattern": {"shape": pattern, "fillmode": "overlay"}},
                "hovertemplate": f"%{{y}}: %{{x:,}} images, {words}<extra></extra>",
            }
        )
    layout = style.layout(80 + 44 * len(names), "images") | {"barmode": "stack", "bargap": 0.35}
    layout["xaxis"] |= STILL | {"range": [0, 70_000], "dtick": 10_000, "tickformat": "~s"}
    layout["yaxis"] |= STILL | {"autorange": "reversed"}
    layout["legend"] |= {"traceorder": "normal"}
    return go.Figure({"data": data, "layout": layout})


def _line(
    name: str, x: np.ndarray, y: np.ndarray, color: str, dash: str, symbol: str | None
) -> dict[str, object]:
    line = {"color": color, "dash": dash, "width": 2.5}
    made = {"name": name, "x": x, "y": y, "mode": "lines", "line": line}
    return made | ({"mode": "lines+markers", "marker": {"symbol": symbol}} if symbol else {})


def _upright(x: float, color: str) -> dict[str, object]:
    line = {"color": color, "width": 2}
    return {"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper", "line": line}


def _scatter(data: list[dict[str, object]], layout: style.Attributes) -> go.Figure:
    return go.Figure({"data": [{"type": "scatter"} | trace for trace in data], "layout": layout})
