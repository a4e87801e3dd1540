"""Figures of the ideas Dropout and Batch normalization."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.regularize import Batches, Dropped, Statistics
from ui.charts import style

SIDE = 8
_DRAWN = 300  # points per line at most


def units(drawn: Dropped, row: int, unit: int, theme: str | None) -> go.Figure:
    """Return input and output of a dropout layer, 8 x 8 units each; dropped units have a cross.

    row: index of the draw, or -1 for a prediction, which drops nothing; unit: the unit to frame.
    """
    kept = np.ones(len(drawn.x), bool) if row < 0 else drawn.kept[row]
    y = drawn.x if row < 0 else drawn.y[row]
    most = float(drawn.x.max() / (1 - drawn.rate))
    layout: style.Attributes = style.layout(260) | {"shapes": [], "annotations": []}
    layout["margin"] = {"l": 4, "r": 4, "t": 28, "b": 4}
    data = []
    for number, (title, values, there) in enumerate(
        (("in: x", drawn.x, np.ones_like(kept)), ("out: y", y, kept)), start=1
    ):
        axis = "" if number == 1 else str(number)
        start = 0.52 * (number - 1)
        middle = {"x": start + 0.24, "y": 1, "xref": "paper", "yref": "paper", "text": title}
        layout["annotations"].append(middle | {"showarrow": False, "yanchor": "bottom"})
        hidden: dict[str, object] = {"visible": False, "fixedrange": True, "constrain": "domain"}
        layout[f"xaxis{axis}"] = hidden | {"domain": [start, start + 0.48], "anchor": f"y{axis}"}
        layout[f"yaxis{axis}"] = hidden | {"scaleanchor": f"x{axis}", "autorange": "reversed"}
        layout[f"yaxis{axis}"] |= {"anchor": f"x{axis}", "constraintoward": "top"}
        layout["shapes"].append(style.frame(*divmod(unit, SIDE), 1, 1, axis))
        data.append(_grid(values, there, most, axis, theme))
    return go.Figure({"data": data, "layout": layout})


def _grid(
    values: np.ndarray, there: np.ndarray, most: float, axis: str, theme: str | None
) -> dict[str, object]:
    square = (SIDE, SIDE)
    return {
        "type": "heatmap",
        "z": values.reshape(square),
        "zmin": 0,
        "zmax": most,
        "colorscale": style.rising(theme),
        "showscale": False,
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "xgap": 2,
        "ygap": 2,
        "text": np.where(there, "", "✕").reshape(square),
        "customdata": np.arange(len(values)).reshape(square),
        "texttemplate": "%{text}",
        "textfont": {"color": style.WRONG, "size": 15},
        "hovertemplate": "unit %{customdata}: %{z:.2f}<extra></extra>",
    }


def running(drawn: Dropped, unit: int) -> go.Figure:
    """Return the running mean of a unit's output over the draws.

    A band of one standard error shows where two of three such means lie.
    """
    means = drawn.running_means(unit)
    at = _some(len(means))
    counts, value = at + 1, float(drawn.x[unit])
    spread = drawn.spread(unit) / np.sqrt(counts)
    nothing = {"type": "scatter", "mode": "lines", "hoverinfo": "skip", "x": counts}
    band = nothing | {"line": {"width": 0}}
    grey = style.with_opacity(style.NEUTRAL, 0.25)
    data = [
        band | {"y": value + spread, "showlegend": False},
        band | {"y": value - spread, "fill": "tonexty", "fillcolor": grey, "name": "x ± σ/√n"},
        nothing
        | {"y": np.full(len(at), value), "name": "x"}
        | {"line": {"color": style.NEUTRAL, "dash": "dash", "width": 2}},
        {
            "type": "scatter",
            "mode": "lines+markers",
            "marker": {"size": 6 if len(at) < 30 else 0},
            "name": "mean of y",
            "x": counts,
            "y": means[at],
            "line": {"color": style.TRAINING, "width": 2},
            "hovertemplate": "%{x} draws: mean %{y:.3f}<extra></extra>",
        },
    ]
    layout = style.layout(300, "draws n", f"unit {unit}")
    layout["xaxis"] |= {"fixedrange": True}
    layout["yaxis"] |= {"fixedrange": True, "rangemode": "tozero"}
    return go.Figure({"data": data, "layout": layout})


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
    heights = heights[
        np.random.default_rng(0).permutation(len(x))
    ]  # shuffled, so that neighboring values do not overlap
    data = []
    for level, (name, values) in enumerate(zip(ROWS, (x, hats, y), strict=True)):
        color, symbol = _LOOKS[name]
        dots = {"symbol": symbol, "size": 7, "color": color, "opacity": 0.55}
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": values,
                "y": heights - level,
                "marker": dots,
                "hovertemplate": f"{name} = %{{x:.3f}}<extra></extra>",
            }
        )
        mean, spread = float(values.mean()), float(values.std())
        words = f"{name}: mean %{{x:.3f}}, standard deviation {spread:.3f}<extra></extra>"
        data.append(
            {
                "type": "scatter",
                "mode": "markers",
                "x": [mean],
                "y": [0.3 - level],
                "error_x": {"array": [spread], "color": color, "thickness": 3, "width": 6},
                "marker": {"symbol": "line-ns-open", "size": 18, "color": color}
                | {"line": {"width": 4}},
                "hovertemplate": words,
            }
        )
    reach = 1.05 * max(float(np.abs([x, hats, y]).max()), 1.0)
    layout: style.Attributes = style.layout(340, "value") | {"showlegend": False}
    layout["xaxis"] |= {"range": [-reach, reach], "fixedrange": True, "zeroline": True}
    layout["yaxis"] |= {"range": [-2.5, 0.6], "tickvals": [0, -1, -2], "ticktext": ROWS}
    layout["yaxis"] |= {"fixedrange": True, "showgrid": False, "zeroline": False}
    layout["yaxis"]["tickfont"] = {"size": 18}
    return go.Figure({"data": data, "layout": layout})


def moving(seen: Batches, true: Statistics) -> go.Figure:
    """Return mean and variance of each batch, their moving averages, and the true ones."""
    count = len(seen.means)
    data = []
    for axis, own, average, goal, name in (
        ("", seen.means, seen.moving_means, true.mean, "mean"),
        ("2", seen.variances, seen.moving_variances, true.variance, "variance"),
    ):
        where: dict[str, object] = {"type": "scatter", "xaxis": f"x{axis}", "yaxis": f"y{axis}"}
        where["showlegend"] = not axis
        at = _some(count)
        data += [
            where
            | {"mode": "markers", "name": "of one batch", "x": at + 1, "y": own[at]}
            | {"marker": {"size": 4, "color": style.NEUTRAL, "opacity": 0.6}}
            | {"hovertemplate": f"batch %{{x}}: {name} %{{y:.3f}}<extra></extra>"},
            where
            | {"mode": "lines", "name": "of all values", "x": [0, count], "y": [goal, goal]}
            | {"line": {"color": style.RIGHT, "dash": "dash", "width": 2}, "hoverinfo": "skip"},
        ]
        at = _some(count + 1)
        data.append(
            where
            | {"mode": "lines", "name": "moving average", "x": at, "y": average[at]}
            | {"line": {"color": style.TRAINING, "width": 3}}
            | {"hovertemplate": f"after %{{x}} batches: moving {name} %{{y:.3f}}<extra></extra>"}
        )
    layout = style.layout(340)
    for axis, title, domain in (("", "mean", [0.56, 1]), ("2", "variance", [0, 0.44])):
        layout[f"xaxis{axis}"] = {"fixedrange": True, "anchor": f"y{axis}", "automargin": True}
        layout[f"yaxis{axis}"] = {"fixedrange": True, "domain": domain, "automargin": True}
        layout[f"yaxis{axis}"]["title"] = {"text": title}
        layout[f"yaxis{axis}"]["anchor"] = f"x{axis}"
    layout["xaxis2"] |= {"title": {"text": "batches seen"}, "matches": "x"}
    layout["xaxis"]["showticklabels"] = False
    return go.Figure({"data": data, "layout": layout})
