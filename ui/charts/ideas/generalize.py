"""Figures of the ideas Fitting and Holdout: learning curves, polynomials, luck, and splits."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.evaluation.history import Epoch
from mnist_core.teaching.concepts.fitting import DEGREES, Fits, truth
from mnist_core.teaching.concepts.holdout import Draw, Sizes, deviation
from ui.charts import parts, style, training

GRID = np.linspace(-1, 1, 301)
HIGHEST = 2.6
"""Limit of the y-axis, positive and negative; a polynomial may go beyond it."""
MOST_ERROR = 10.0


def until(metric: str, epochs: list[Epoch], stop: int, best: int | None) -> go.Figure:
    """Return a run's learning curves up to an epoch, on the axes of the whole run.

    metric: "loss" or "accuracy"; best: the epoch to mark.
    """
    figure = training.curves(metric, epochs[:stop], np.zeros(0, np.float32), 0, best)
    values = np.array([(getattr(e, metric), getattr(e, f"val_{metric}")) for e in epochs])
    ends = [0, 1.08 * values.max()] if metric == "loss" else [max(0, values.min() - 0.06), 1.005]
    figure.layout.height = 260
    figure.layout.yaxis.range = ends
    figure.layout.xaxis.range = [0, len(epochs) + 0.5]
    if best and best < len(epochs) / 2:  # where there is room for the label
        figure.layout.annotations[0].xanchor = "left"
    return figure


def points(fits: Fits, degree: int) -> go.Figure:
    """Return the points, the curve that they are drawn from, and the polynomial of a degree."""
    soft = {"symbol": "diamond", "size": 5, "opacity": 0.45}
    curve, color = fits.curve(degree, GRID), style.SERIES[0][0]
    data = [
        parts.points(fits.val_x, fits.val_y, style.VALIDATION, name="validation", **soft),
        parts.line(GRID, truth(GRID), style.NEUTRAL, dash="dash", name="the truth, sin πx"),
        parts.points(fits.x, fits.y, style.TRAINING, name="training"),
        parts.line(GRID, curve, color, width=3, name=f"degree {degree}"),
    ]
    x, y = parts.axis("x", range=[-1.03, 1.03]), parts.axis("y", range=[-HIGHEST, HIGHEST])
    return parts.figure(data, 270, x, y)


def errors(fits: Fits, degree: int, noise: float) -> go.Figure:
    """Return training and validation error over the degree, with the chosen degree marked.

    noise: standard deviation of the points, drawn as a line: the error that no fit can remove.
    """
    degrees = np.arange(DEGREES)
    dashed: style.Attributes = {"dash": "dash", "symbol": "diamond"}
    data = [
        parts.line(degrees, fits.training, style.TRAINING, symbol="circle", name="training"),
        parts.line(degrees, fits.validation, style.VALIDATION, name="validation", **dashed),
    ]
    if noise:
        ends = np.array([0, DEGREES - 1]), np.full(2, noise)
        data.append(parts.line(*ends, style.NEUTRAL, dash="dot", name="the noise alone"))
    limits = list(np.log10([noise / 20 if noise else 1e-8, MOST_ERROR]))
    ticks = {"dtick": 1 if noise else 2, "exponentformat": "power"}
    return parts.figure(
        data,
        250,
        parts.axis("degree", dtick=3, range=[-0.5, DEGREES - 0.5]),
        parts.axis("error (log scale)", type="log", range=limits, **ticks),
        hovermode="x unified",
        shapes=[parts.vertical(degree, style.SERIES[0][0], "solid")],
    )


def lucky(drawn: Draw, accuracy: float) -> go.Figure:
    """Return the distribution of measured accuracies around the true one.

    Lines mark the best measurement, and the accuracy of the same setting on fresh images.
    """
    right = np.rint(drawn.measured * drawn.images).astype(int)
    width = max(1, -(-int(np.ptp(right) + 1) // 40))  # images per bar
    first = right.min()
    counts = np.bincount((right - first) // width)
    centers = (first + width * np.arange(len(counts)) + (width - 1) / 2) / drawn.images
    bars = parts.bars(centers, counts, style.NEUTRAL, "%{x:.2%}: %{y} settings")
    bars |= {"name": "settings", "width": np.full(len(counts), width / drawn.images)}
    bars["marker"] = {"color": style.NEUTRAL, "line": {"width": 0}}
    top = 1.15 * counts.max()
    data = [
        bars,
        _flag("true", accuracy, top, style.RIGHT, "dash", "square"),
        _flag("best measured", drawn.best, top, style.VALIDATION, "solid", "diamond"),
        _flag("best, on fresh images", drawn.fresh, top, style.SERIES[2][0], "dot", "circle"),
    ]
    values = [*drawn.measured, drawn.fresh, accuracy]
    rest = deviation(accuracy, drawn.images)  # a single setting gives a distribution without width
    ends = [min(values) - rest, max(values) + rest]
    return parts.figure(
        data,
        250,
        parts.axis("accuracy", tickformat=".2~%", nticks=6, range=ends),
        parts.axis("settings", range=[0, 1.08 * top], dtick=1 if top < 6 else None),
    )


def _flag(name: str, at: float, top: float, color: str, dash: str, symbol: str) -> style.Attributes:
    look = {"dash": dash, "width": 3, "symbol": symbol, "size": np.array([0, 11]), "name": name}
    return parts.line(np.full(2, at), np.array([0, top]), color, f"{name}: %{{x:.2%}}", **look)


def optimism(
    settings: np.ndarray, exact: np.ndarray, rule: np.ndarray, accuracy: float, at: int, best: float
) -> go.Figure:
    """Return the expected best accuracy of k equal settings, and the one just measured.

    settings: (m,) values of k; exact: (m,) expected best accuracy; rule: (m,) its rule of thumb;
    accuracy: the true one; at, best: k and best accuracy of the present draw.
    """
    ends, place = (settings[[0, -1]], np.full(2, accuracy)), (np.array([at]), np.array([best]))
    now = {"symbol": "diamond", "size": 12, "name": "this draw"}
    data = [
        parts.line(*ends, style.RIGHT, dash="dash", name="true"),
        parts.line(settings, rule, style.NEUTRAL, dash="dot", name="rule of thumb"),
        parts.line(settings, exact, style.SERIES[0][0], name="best, on average"),
        parts.points(*place, style.VALIDATION, **now),
    ]
    return parts.figure(
        data,
        250,
        parts.axis("settings tried, k (log scale)", type="log", dtick=1, range=[-0.1, 3.1]),
        parts.axis("accuracy", tickformat=".2~%", hoverformat=".2%"),
        hovermode="x unified",
    )


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
        hover = f"%{{y}}: %{{x:,}} images, {words}"
        bars = parts.bars(counts, list(names), color, hover, pattern=pattern)
        data.append(bars | {"name": words, "orientation": "h"})
    return parts.figure(
        data,
        80 + 44 * len(names),
        parts.axis("images", range=[0, 70_000], dtick=10_000, tickformat="~s"),
        parts.axis(autorange="reversed"),
        legend={"traceorder": "normal"},
        barmode="stack",
        bargap=0.35,
    )


def against(metric: str, without: list[Epoch], epochs: list[Epoch], name: str) -> go.Figure:
    """Return the validation curves of a run with a remedy and of the run without one.

    metric: "loss" or "accuracy"; name: of the remedy.
    """
    looks: dict[str, tuple[list[Epoch], style.Attributes]] = {
        "without": (without, {"color": style.NEUTRAL, "dash": "dash"}),
        name: (epochs, {"color": style.VALIDATION}),
    }
    data = [
        parts.line(
            np.array([epoch.epoch for epoch in run]),
            np.array([getattr(epoch, f"val_{metric}") for epoch in run]),
            name=words,
            **look,
        )
        for words, (run, look) in looks.items()
    ]
    ends = [0, 0.42] if metric == "loss" else [0.85, 1]
    return parts.figure(
        data,
        210,
        parts.axis("epoch", range=[0, len(without) + 0.5]),
        parts.axis(f"val_{metric}", range=ends),
        hovermode="x unified",
    )
