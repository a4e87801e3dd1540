"""Figures of the ideas Dropout and Batch normalization."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.regularize import Batches, Dropped, Statistics
from ui.charts import parts, style

SIDE = 8
_DRAWN = 300  # points per line at most


def units(drawn: Dropped, row: int, unit: int, theme: str | None) -> go.Figure:
    """Return input and output of a dropout layer, 8 x 8 units each; dropped units have a cross.

    row: index of the draw, or -1 for a prediction, which drops nothing; unit: the unit to frame.
    """
    kept = np.ones(len(drawn.x), bool) if row < 0 else drawn.kept[row]
    y = drawn.x if row < 0 else drawn.y[row]
    most = float(drawn.x.max() / (1 - drawn.rate))
    tables = {
        "in: x": _grid(drawn.x, np.ones_like(kept), most, theme),
        "out: y": _grid(y, kept, most, theme),
    }
    frames = [parts.frame(*divmod(unit, SIDE), 1, 1, axis) for axis in ("", "2")]
    return parts.side_by_side(tables, (0.52, 0.48), 260, gap=0.04, shapes=frames)


def _grid(
    values: np.ndarray, there: np.ndarray, most: float, theme: str | None
) -> style.Attributes:
    square = (SIDE, SIDE)
    texts = np.where(there, "", "✕").reshape(square)
    colors, hover = style.rising(theme), "unit %{customdata}: %{z:.2f}"
    heat = parts.heatmap(values.reshape(square), colors, 0, most, hover, texts=texts, gap=2)
    font = {"color": style.WRONG, "size": 15}
    return heat | {"customdata": np.arange(len(values)).reshape(square), "textfont": font}


def running(drawn: Dropped, unit: int) -> go.Figure:
    """Return the running mean of a unit's output over the draws.

    A band of one standard error shows where two of three such means lie.
    """
    means = drawn.running_means(unit)
    at = _some(len(means))
    counts, value = at + 1, float(drawn.x[unit])
    spread = drawn.spread(unit) / np.sqrt(counts)
    fill = {"fill": "tonexty", "fillcolor": style.with_opacity(style.NEUTRAL, 0.25)}
    size = 6 if len(at) < 30 else 0
    mean = {"symbol": "circle", "size": size, "name": "mean of y"}
    data = [
        parts.line(counts, value + spread, style.NEUTRAL, None, width=0, showlegend=False),
        parts.line(counts, value - spread, style.NEUTRAL, None, width=0, name="x ± σ/√n", **fill),
        parts.line(counts, np.full(len(at), value), style.NEUTRAL, None, dash="dash", name="x"),
        parts.line(counts, means[at], style.TRAINING, "%{x} draws: mean %{y:.3f}", **mean),
    ]
    x, y = parts.axis("draws n"), parts.axis(f"unit {unit}", rangemode="tozero")
    return parts.figure(data, 230, x, y)


def _some(count: int) -> np.ndarray:
    """Return the indices to draw out of 0 to count - 1: all, or _DRAWN evenly spread ones."""
    if count <= _DRAWN:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, _DRAWN).round().astype(int))


ROWS = ("x", "x̂", "y")
_LOOKS = {
    "x": (style.NEUTRAL, "circle"),
    "x̂": (style.SERIES[0][0], "diamond"),
    "y": (style.TRAINING, "square"),
}


def strips(x: np.ndarray, hats: np.ndarray, y: np.ndarray) -> go.Figure:
    """Return a batch before, during and after batch normalization, each value as a point.

    Mean and standard deviation are drawn above the points. x, hats, y: (n,) input, normalized
    values, and output.
    """
    heights = np.linspace(-0.28, 0.12, len(x))
    shuffled = np.random.default_rng(0).permutation(len(x))  # neighboring values do not overlap
    data = []
    for level, (name, values) in enumerate(zip(ROWS, (x, hats, y), strict=True)):
        color, symbol = _LOOKS[name]
        dots = parts.points(values, heights[shuffled] - level, color, f"{name} = %{{x:.3f}}")
        dots["marker"] |= {"symbol": symbol, "size": 7, "opacity": 0.55}
        mean, spread = float(values.mean()), float(values.std())
        words = f"{name}: mean %{{x:.3f}}, standard deviation {spread:.3f}"
        bar = parts.points([mean], [0.3 - level], color, words, symbol="line-ns-open", size=18)
        bar["marker"]["line"] = {"width": 4}
        bar["error_x"] = {"array": [spread], "color": color, "thickness": 3, "width": 6}
        data += [dots, bar]
    reach = 1.05 * max(float(np.abs([x, hats, y]).max()), 1.0)
    rows = {"tickvals": [0, -1, -2], "ticktext": ROWS, "tickfont": {"size": 18}}
    return parts.figure(
        data,
        250,
        parts.axis("value", range=[-reach, reach], zeroline=True),
        parts.axis(range=[-2.5, 0.6], showgrid=False, zeroline=False, **rows),
        showlegend=False,
    )


def moving(seen: Batches, true: Statistics) -> go.Figure:
    """Return mean and variance of each batch, their moving averages, and the true ones."""
    count = len(seen.means)
    batches, updates = _some(count), _some(count + 1)
    data = []
    for axis, own, average, goal, name in (
        ("", seen.means, seen.moving_means, true.mean, "mean"),
        ("2", seen.variances, seen.moving_variances, true.variance, "variance"),
    ):
        each, after = f"batch %{{x}}: {name} %{{y:.3f}}", f"after %{{x}} batches: moving {name}"
        dots = parts.points(batches + 1, own[batches], style.NEUTRAL, each, name="of one batch")
        dots["marker"] |= {"size": 4, "opacity": 0.6}
        ends = [0, count], [goal, goal]
        every = parts.line(*ends, style.RIGHT, None, dash="dash", name="of all values")
        moved = parts.line(updates, average[updates], style.TRAINING, f"{after} %{{y:.3f}}")
        moved |= {"name": "moving average", "line": {"color": style.TRAINING, "width": 3}}
        where = {"xaxis": f"x{axis}", "yaxis": f"y{axis}", "showlegend": not axis}
        data += [trace | where for trace in (dots, every, moved)]
    return parts.figure(
        data,
        280,
        parts.axis(anchor="y", showticklabels=False),
        parts.axis("mean", domain=[0.56, 1], anchor="x"),
        xaxis2=parts.axis("batches seen", anchor="y2", matches="x"),
        yaxis2=parts.axis("variance", domain=[0, 0.44], anchor="x2"),
    )
