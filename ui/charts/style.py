"""Colors and color scales of all figures, for light and dark themes."""

from collections.abc import Iterable, Sequence
from typing import Any

from plotly.colors import hex_to_rgb

from mnist_core.evaluation.run import Run
from mnist_core.storage.workspaces import EXAMPLES

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
    "#4e79a7", "#d9741a", "#c9363e", "#2b9c94", "#4c9a41",
    "#a68a00", "#a86f99", "#e8608a", "#9c6b4e", "#808690",
)  # fmt: skip
"""A color for each digit from 0 to 9, which stands out from both backgrounds.

The digit itself is always shown beside its color.
"""
INK = "Greys_r"
"""Color scale of pixels: 0 is black and 255 white, as MNIST stores them."""
SERIES = (
    ("#8b5cf6", "solid", "circle"),
    ("#0891b2", "dash", "square"),
    ("#db2777", "dot", "diamond"),
    ("#65a30d", "dashdot", "triangle-up"),
    ("#a8763e", "longdash", "x"),
)
"""Color, dash and marker symbol of each line in a figure of up to five, other than of runs."""
MANY = (
    *SERIES,
    ("#e11d48", "solid", "triangle-down"),
    ("#0d9488", "dash", "cross"),
    ("#64748b", "dot", "star"),
)
"""Color, dash and marker symbol of each line in a figure of up to eight, other than of runs."""
_RUN_COLORS = (
    "#9828e0", "#18a0b0", "#e81078", "#10a800", "#b84000", "#f820f8", "#5060a8", "#187848",
)  # fmt: skip
_DASHES = ("solid", "dash", "dot", "dashdot", "longdash")
MOST_RUNS = len(_RUN_COLORS)
"""The most runs in a figure."""
LOOKS = 40
"""Runs that differ in color and dash, and in color and symbol; further runs repeat them."""
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
BLACK, WHITE = "#000000", "#ffffff"
TEXT = {"light": "#1f2937", "dark": "#f3f4f6"}
"""Color of text on colored cells, by `st.context.theme.type`."""

NOTES = {"light": "#5b6070", "dark": "#d1d5db"}
"""Color of ticks, titles and notes, by theme; Streamlit's own has a contrast of 3.7 in light."""

_DIVERGING: dict[str, ColorScale] = {
    "light": [(0, "#123f86"), (0.5, "#f4f4f5"), (1, "#d9533f")],
    "dark": [(0, "#3f86f0"), (0.5, "#1b1f27"), (1, "#ffb09f")],
}
"""Blue is darker than red, so that the sign is also seen in a gray print."""

_RISING: dict[str, ColorScale] = {
    "light": [(0, "#dbe7fb"), (0.5, "#5b93e8"), (1, "#1e3a8a")],
    "dark": [(0, "#26334d"), (0.5, "#3f7fe0"), (1, "#d6e6ff")],
}

LIVE = {"training": TRAINING, "validation": VALIDATION, "right": RIGHT, "wrong": WRONG}
"""Colors of the live view of a training, by what they are for."""

CONFIG = {"displayModeBar": False, "scrollZoom": False}
"""The `config` of `st.plotly_chart`: no toolbar, and scrolling moves the page, not the chart."""


Look = tuple[str, str, str]
"""Color, dash and marker symbol of a line."""


def of_run(number: int, example: bool = False) -> Look:
    """Return the look of a run, the same in every figure. number: of the run, from 1.

    Examples are numbered separately; they take colors and symbols from the end.
    """
    colors, symbols = len(_RUN_COLORS), tuple(SIGNS)
    at = -number % (colors * len(symbols)) if example else (number - 1) % LOOKS
    symbol = symbols[(at + at // colors) % len(symbols)]
    return _RUN_COLORS[at % colors], _DASHES[at % len(_DASHES)], symbol


def look(run: Run) -> Look:
    """Return the look of a run, the same in every figure."""
    return of_run(run.number, run.workspace == EXAMPLES)


def sign(run: Run) -> str:
    """Return the character that stands for a run's marker symbol in text."""
    return SIGNS[look(run)[2]]


def numbered(number: int, example: bool = False) -> str:
    """Return the sign and number of a run: ● Run 3, or ✚ Example."""
    sign = SIGNS[of_run(number, example)[2]]
    return f"{sign} Example" if example else f"{sign} Run {number}"


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


def ink_on(rgb: Sequence[float]) -> str:
    """Return black or white, whichever has more contrast on a color: always at least 4.5 : 1.

    rgb: in [0, 255]. Source: WCAG 2.2, relative luminance and contrast ratio.
    """
    shares = [channel / 255 for channel in rgb]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    luminance = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    return BLACK if (luminance + 0.05) ** 2 > 1.05 * 0.05 else WHITE


def with_opacity(color: str, opacity: float) -> str:
    """Return a color #rrggbb with an opacity in [0, 1], as CSS writes it."""
    red, green, blue = hex_to_rgb(color)
    return f"rgba({red}, {green}, {blue}, {opacity})"
