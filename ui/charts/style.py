"""Colors, color scales and the common layout of all figures, for light and dark themes."""

from typing import Any

import numpy as np
import plotly.graph_objects as go
from plotly.colors import hex_to_rgb

from mnist_core.utils.text import short_percent

Attributes = dict[str, Any]
"""Attributes of a figure by name, nested, as Plotly reads them; Plotly checks the values."""

ColorScale = list[tuple[float, str]]
"""Pairs of a position in [0, 1], rising from 0 to 1, and a color #rrggbb."""

TRAINING = "#3b82f6"
VALIDATION = "#d97706"
RIGHT = "#16a34a"
WRONG = "#dc2626"
NEUTRAL = "#808a99"
DIGITS = (
    "#4e79a7", "#f28e2b", "#e15759", "#4cb5ae", "#59a14f",
    "#d4b106", "#b07aa1", "#ff7fa3", "#9c6b4e", "#8a8f98",
)  # fmt: skip
"""A color for each digit from 0 to 9; the digit itself is always shown beside its color."""
INK = "Greys_r"
"""Color scale of pixels: 0 is black and 255 white, as MNIST stores them."""
SERIES = (
    ("#8b5cf6", "solid", "circle"),
    ("#0891b2", "dash", "square"),
    ("#db2777", "dot", "diamond"),
    ("#65a30d", "dashdot", "triangle-up"),
    ("#a8763e", "longdash", "x"),
)
"""Color, dash and marker symbol of each run in a figure of up to five runs."""
MANY = (
    *SERIES,
    ("#e11d48", "solid", "triangle-down"),
    ("#0d9488", "dash", "cross"),
    ("#64748b", "dot", "star"),
)
"""Color, dash and marker symbol of each run in a figure of up to eight runs."""
SIGNS = {
    "circle": "●",
    "square": "■",
    "diamond": "◆",
    "triangle-up": "▲",
    "x": "✖",
    "triangle-down": "▼",
    "cross": "✚",
    "star": "★",
}
"""The character that stands for each marker symbol in text."""
TEXT = {"light": "#1f2937", "dark": "#f3f4f6"}
"""Color of text on colored cells, by `st.context.theme.type`."""

_DIVERGING: dict[str, ColorScale] = {
    "light": [(0, "#1d5fb4"), (0.5, "#f4f4f5"), (1, "#b3202c")],
    "dark": [(0, "#6aa9ff"), (0.5, "#1b1f27"), (1, "#ff7a6b")],
}

_RISING: dict[str, ColorScale] = {
    "light": [(0, "#dbe7fb"), (0.5, "#5b93e8"), (1, "#1e3a8a")],
    "dark": [(0, "#26334d"), (0.5, "#3f7fe0"), (1, "#d6e6ff")],
}

CONFIG = {"displayModeBar": False, "scrollZoom": False}
"""The `config` of `st.plotly_chart`: no toolbar, and scrolling moves the page, not the chart."""


def frame(top: int, left: int, height: int, width: int, axis: str = "") -> Attributes:
    """Return a rectangle that frames cells of a heatmap.

    top, left, height, width: in cells; a cell reaches half a unit to each side of its number.
    axis: the number of the subplot's axes as Plotly writes it: "", "2", "3" ...
    """
    return {
        "type": "rect",
        "x0": left - 0.5,
        "x1": left + width - 0.5,
        "y0": top - 0.5,
        "y1": top + height - 0.5,
        "xref": f"x{axis}",
        "yref": f"y{axis}",
        "line": {"color": VALIDATION, "width": 3},
    }


def diverging(theme: str | None) -> ColorScale:
    """Return the scale for signed values: blue below 0, the background at 0, red above.

    theme: `st.context.theme.type`.
    """
    return _DIVERGING[theme or "light"]


def rising(theme: str | None) -> ColorScale:
    """Return the scale for values from low to high: blue, stronger for higher values.

    theme: `st.context.theme.type`.
    """
    return _RISING[theme or "light"]


def with_opacity(color: str, opacity: float) -> str:
    """Return a color #rrggbb with an opacity in [0, 1], as CSS writes it."""
    red, green, blue = hex_to_rgb(color)
    return f"rgba({red}, {green}, {blue}, {opacity})"


def layout(height: int, x: str = "", y: str = "") -> Attributes:
    """Return the layout that all figures share: axis titles, tight margins, height in pixels."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        "legend": {"orientation": "h", "yanchor": "bottom", "y": 1.02, "x": 0},
        "xaxis": {"title": {"text": x or None}, "automargin": True},
        "yaxis": {"title": {"text": y or None}, "automargin": True},
    }


def finish(figure: go.Figure, height: int, x: str = "", y: str = "") -> go.Figure:
    """Apply the common layout to a figure and the axis titles to all its subplots."""
    common = layout(height, x, y)
    figure.update_xaxes(common.pop("xaxis"))
    figure.update_yaxes(common.pop("yaxis"))
    return figure.update_layout(common)


def probabilities(values: np.ndarray, chosen: int | None = None) -> go.Figure:
    """Return a bar chart of the ten class probabilities, in the order 0 to 9.

    values: (10,) in [0, 1]; bars of 5 % or more carry their number; chosen: the digit to highlight.
    """
    colors = [TRAINING if digit == chosen else NEUTRAL for digit in range(10)]
    bars = {
        "type": "bar",
        "x": [str(digit) for digit in range(10)],
        "y": values,
        "marker": {"color": colors},
        "text": [short_percent(float(value), 0) if value >= 0.05 else "" for value in values],
        "textposition": "outside",
        "textfont": {"size": 11},  # ten labels side by side must fit
        "textangle": 0,
        "constraintext": "none",  # readable on a narrow page too
        "hovertemplate": "digit %{x}: %{y:.2%}<extra></extra>",
    }
    common = layout(260, "digit", "probability")
    common["xaxis"] |= {"type": "category"}
    common["yaxis"] |= {"range": [0, 1.12], "tickformat": ".0%", "tickvals": [0, 0.5, 1]}
    return go.Figure({"data": [bars], "layout": common})


def pixels(image: np.ndarray, height: int = 420) -> go.Figure:
    """Return an image that shows its values on hover.

    image: (28, 28), uint8 from 0 to 255 or float from 0 to 1, ink bright.
    """
    heat = {
        "type": "heatmap",
        "z": image,
        "colorscale": INK,
        "zmin": 0,
        "zmax": 255 if image.dtype == "uint8" else 1,
        "showscale": False,
        "hovertemplate": "row %{y}, column %{x}: %{z}<extra></extra>",
    }
    common = layout(height, "column", "row")
    common["xaxis"] |= {"side": "top", "constrain": "domain"}
    common["yaxis"] |= {"autorange": "reversed", "scaleanchor": "x", "constrain": "domain"}
    return go.Figure({"data": [heat], "layout": common})
