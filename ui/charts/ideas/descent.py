"""Figures of the idea Optimizers: paths on a loss surface, and losses."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb

from mnist_core.teaching.concepts.descent import NAMES, STEPS, Path
from mnist_core.teaching.concepts.surfaces import Grid, Surface
from ui.charts import style

LOOKS = dict(zip(NAMES, style.SERIES, strict=False))
"""Color, dash and marker symbol of each optimizer."""
SIGNS = {name: style.SIGNS[symbol] for name, (_, _, symbol) in LOOKS.items()}
_FLOOR = 0.01  # added to heights before the logarithm, so that a height of 0 can be drawn
_LEAST = 1e-8
_MARKED = 5  # steps between two marker symbols


def contours(
    surface: Surface, ground: Grid, paths: Sequence[Path], step: int, theme: str | None
) -> go.Figure:
    """Return the contours of a surface with the path of each optimizer up to a step."""
    data = [_ground(surface, ground, theme), _minima(surface)]
    data += [_way(path, step) for path in paths]
    heads = np.array([_head(path, step) for path in paths])
    data.append(_heads(paths, heads))
    layout: style.Attributes = style.layout(480, "weight w₁", "weight w₂")
    layout["xaxis"] |= {"range": surface.w1, "fixedrange": True, "constrain": "domain"}
    layout["yaxis"] |= {"range": surface.w2, "fixedrange": True, "constrain": "domain"}
    layout["yaxis"] |= {"scaleanchor": "x"}
    for axis in ("xaxis", "yaxis"):
        layout[axis] |= {"showgrid": False, "zeroline": False}
    return go.Figure({"data": data, "layout": layout})


def _ground(surface: Surface, ground: Grid, theme: str | None) -> dict[str, object]:
    """Return contour lines of the loss, logarithmic, so that low regions are drawn in detail."""
    height = np.log10(np.maximum(ground.loss - surface.lowest, 0) + _FLOOR).astype(np.float32)
    ticks = np.array([0, 0.1, 1, 10, 100])
    ticks = ticks[np.log10(ticks + _FLOOR) <= height.max()]
    return {
        "type": "contour",
        "x": ground.w1.astype(np.float32),
        "y": ground.w2.astype(np.float32),
        "z": height,
        "colorscale": _pale(theme),
        "contours": {"start": -2, "end": float(height.max()), "size": 0.25},
        "line": {"color": style.NEUTRAL, "width": 1},
        "colorbar": {
            "orientation": "h",
            "thickness": 10,
            "y": -0.17,
            "yanchor": "top",
            "title": {
                "text": "<br>loss",
                "side": "bottom",
            },  # the break puts the title below the numbers
            "tickvals": np.log10(ticks + _FLOOR),
            "ticktext": [f"{tick + surface.lowest:g}".replace("-", "−") for tick in ticks],
        },
        "hoverinfo": "skip",
    }


def _pale(theme: str | None) -> style.ColorScale:
    """Return the rising scale mixed with the background, so that paths stand out on it."""
    paper = np.array(hex_to_rgb(style.diverging(theme)[1][1]))
    mixed = [
        (at, (np.array(hex_to_rgb(color)) + 3 * paper) // 4) for at, color in style.rising(theme)
    ]
    return [(at, "rgb({}, {}, {})".format(*color.tolist())) for at, color in mixed]


def _minima(surface: Surface) -> dict[str, object]:
    w1, w2 = np.array(surface.minima).T
    return {
        "type": "scatter",
        "mode": "markers",
        "showlegend": False,
        "x": w1,
        "y": w2,
        "marker": {"symbol": "star", "size": 12, "color": style.NEUTRAL},
        "hovertemplate": f"lowest: loss {surface.lowest:g}<extra></extra>",
    }


def _way(path: Path, step: int) -> dict[str, object]:
    color, dash, symbol = LOOKS[path.name]
    sizes = np.where(np.arange(step + 1) % _MARKED == 0, 7, 0)
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": path.name,
        "x": path.weights[: step + 1, 0],
        "y": path.weights[: step + 1, 1],
        "customdata": path.loss[: step + 1],
        "line": {"color": color, "dash": dash, "width": 2},
        "marker": {"symbol": symbol, "size": sizes, "color": color, "line": {"width": 0}},
        "hovertemplate": f"{path.name}, step %{{pointNumber}}: loss %{{customdata:.4g}}"
        "<extra></extra>",
    }


def _heads(paths: Sequence[Path], heads: np.ndarray) -> dict[str, object]:
    """Return a marker at the present position of each optimizer. heads: (paths, 2)."""
    return {
        "type": "scatter",
        "mode": "markers",
        "showlegend": False,
        "hoverinfo": "skip",
        "x": heads[:, 0],
        "y": heads[:, 1],
        "marker": {
            "symbol": [LOOKS[path.name][2] for path in paths],
            "color": [LOOKS[path.name][0] for path in paths],
            "size": 15,
            "line": {"color": "white", "width": 1.5},
        },
    }


def _head(path: Path, step: int) -> np.ndarray:
    """Return the weights after a step, (2,), or the last finite ones where a path diverged."""
    return path.weights[step if path.gone is None else min(step, path.gone - 1)]


def losses(surface: Surface, paths: Sequence[Path], step: int) -> go.Figure:
    """Return each optimizer's loss above the minimum after each step, on a logarithmic axis."""
    data, most = [], 1.0
    for path in paths:
        color, dash, symbol = LOOKS[path.name]
        height = np.maximum(path.loss - surface.lowest, _LEAST)
        most = max(most, float(height[0]))
        data.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "name": path.name,
                "x": np.arange(STEPS + 1),
                "y": height,
                "line": {"color": color, "dash": dash, "width": 2},
                "marker": {"symbol": symbol, "size": np.where(np.arange(STEPS + 1) % 20, 0, 7)},
                "hovertemplate": f"{path.name}, step %{{x}}: %{{y:.3g}}<extra></extra>",
            }
        )
    layout: style.Attributes = style.layout(420, "step", "loss above the lowest")
    layout["xaxis"] |= {"range": [0, 1.02 * STEPS], "fixedrange": True}
    layout["yaxis"] |= {"type": "log", "range": [np.log10(_LEAST), np.log10(most) + 1]}
    layout["yaxis"] |= {"fixedrange": True, "exponentformat": "power", "dtick": 2}
    layout["showlegend"] = False
    line = {"type": "line", "x0": step, "x1": step, "y0": 0, "y1": 1, "yref": "paper"}
    layout["shapes"] = [line | {"line": {"color": style.NEUTRAL, "dash": "dot", "width": 1.5}}]
    return go.Figure({"data": data, "layout": layout})
