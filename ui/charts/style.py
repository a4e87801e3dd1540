"""Colors and color scales of all figures, for light and dark themes."""

from collections.abc import Iterable, Sequence
from typing import Any

from plotly.colors import hex_to_rgb

Attributes = dict[str, Any]
"""Attributes of a figure by name, nested, as Plotly reads them; Plotly checks the values."""

ColorScale = Sequence[tuple[float, str]]
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

LIVE = {"training": TRAINING, "validation": VALIDATION, "right": RIGHT, "wrong": WRONG}
"""Colors of the live view of a training, by what they are for."""

CONFIG = {"displayModeBar": False, "scrollZoom": False}
"""The `config` of `st.plotly_chart`: no toolbar, and scrolling moves the page, not the chart."""


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


def by_sign(values: Iterable[float], theme: str | None) -> list[str]:
    """Return the strongest color of the diverging scale for each value: red above 0, else blue."""
    colors = diverging(theme)
    return [colors[-1][1] if value > 0 else colors[0][1] for value in values]


def with_opacity(color: str, opacity: float) -> str:
    """Return a color #rrggbb with an opacity in [0, 1], as CSS writes it."""
    red, green, blue = hex_to_rgb(color)
    return f"rgba({red}, {green}, {blue}, {opacity})"
