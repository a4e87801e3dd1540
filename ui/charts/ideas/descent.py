"""Figures of the idea Optimizers: paths on a loss surface, and losses."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb

from mnist_core.teaching.concepts.descent import NAMES, STEPS, Path
from mnist_core.teaching.concepts.surfaces import Grid, Surface
from ui.charts import parts, style

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
    w1, w2 = np.array([_head(path, step) for path in paths]).T
    colors, _, symbols = zip(*(LOOKS[path.name] for path in paths), strict=True)
    present = parts.points(w1, w2, colors, None, symbol=symbols, size=15, showlegend=False)
    present["marker"]["line"] = {"color": "white", "width": 1.5}
    w1, w2 = np.array(surface.minima).T
    star, lowest = {"symbol": "star", "size": 12}, f"lowest: loss {surface.lowest:g}"
    data = [
        _ground(surface, ground, theme),
        parts.points(w1, w2, style.NEUTRAL, lowest, showlegend=False, **star),
        *(_way(path, step) for path in paths),
        present,
    ]
    bare = {"constrain": "domain", "showgrid": False, "zeroline": False}
    return parts.figure(
        data,
        440,
        parts.axis("weight w₁", range=surface.w1, **bare),
        parts.axis("weight w₂", range=surface.w2, scaleanchor="x", **bare),
    )


def _ground(surface: Surface, ground: Grid, theme: str | None) -> style.Attributes:
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
            "y": -0.22,
            "yanchor": "top",
            "title": {"text": "<br>loss", "side": "bottom"},  # the break: below the numbers
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


def _way(path: Path, step: int) -> style.Attributes:
    x, y = path.weights[: step + 1].T
    color, dash, symbol = LOOKS[path.name]
    sizes = np.where(np.arange(step + 1) % _MARKED == 0, 7, 0)
    hover = f"{path.name}, step %{{pointNumber}}: loss %{{customdata:.4g}}"
    look = {"dash": dash, "symbol": symbol, "size": sizes}
    about = {"name": path.name, "customdata": path.loss[: step + 1]}
    return parts.line(x, y, color, hover, **look, **about)


def _head(path: Path, step: int) -> np.ndarray:
    """Return the weights after a step, (2,), or the last finite ones where a path diverged."""
    return path.weights[step if path.gone is None else min(step, path.gone - 1)]


def losses(surface: Surface, paths: Sequence[Path], step: int) -> go.Figure:
    """Return each optimizer's loss above the minimum after each step, on a logarithmic axis."""
    heights = [np.maximum(path.loss - surface.lowest, _LEAST) for path in paths]
    steps = np.arange(STEPS + 1)
    sizes = np.where(steps % 20, 0, 7)
    data = []
    for path, height in zip(paths, heights, strict=True):
        color, dash, symbol = LOOKS[path.name]
        look = {"dash": dash, "symbol": symbol, "size": sizes, "name": path.name}
        data.append(
            parts.line(steps, height, color, f"{path.name}, step %{{x}}: %{{y:.3g}}", **look)
        )
    most = max(1.0, *(float(height[0]) for height in heights))
    ticks = {"range": [np.log10(_LEAST), np.log10(most) + 1], "exponentformat": "power"}
    return parts.figure(
        data,
        300,
        parts.axis("step", range=[0, 1.02 * STEPS]),
        parts.axis("loss above the lowest", type="log", dtick=2, **ticks),
        showlegend=False,
        shapes=[parts.vertical(step, dash="dot")],
    )
