"""Figures of the tabs Feature maps and Filters: clickable maps, tables of numbers, sums."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from ui.charts import parts, style


def signed(words: str) -> str:
    """Return the text of a number with a typographic minus sign, as wide as a plus."""
    return words.replace("-", "−")


HEIGHT = 290  # pixels of a large map
READABLE = 10  # cells per row that still have room for their numbers

Box = tuple[int, int, int, int]
"""Top, left, height and width of a rectangle, in cells."""


def large(
    values: np.ndarray,
    theme: str | None,
    most: float,
    box: Box | None,
    rows: bool = True,
    clickable: bool = True,
) -> go.Figure:
    """Return one feature map; a box frames cells, which may lie outside of the map.

    values: (h, w); NaN is empty. most: end of the color scale. rows: whether hovering shows row and
    column, or for a vector the index alone. clickable: adds an invisible point for each value,
    whose index in Streamlit counts row by row; browsers are slow to draw many of them.
    """
    height, width = values.shape
    colors, bar = style.diverging(theme), {"thickness": 12, "nticks": 5}
    if clickable:
        heat = parts.picture(values, colors, -most, most)
    else:
        hover = "row %{y}, column %{x}: %{z:.4f}"
        heat = parts.signed_heatmap(values, theme, hover, most=most, colorbar=bar, showscale=True)
    top, left, tall, wide = box or (0, 0, 0, 0)
    axis = parts.HIDDEN | {"visible": rows, "nticks": 6, "showgrid": False, "zeroline": False}
    across = [min(0, left) - 0.6, max(width, left + wide) - 0.4]
    down = [max(height, top + tall) - 0.4, min(0, top) - 0.6]
    return parts.figure(
        [heat, _targets(values, theme, most, rows, bar)] if clickable else [heat],
        HEIGHT,
        axis | {"range": across},
        axis | {"range": down, "scaleanchor": "x"},
        shapes=[parts.frame(*box)] if box else [],
        hoverdistance=-1,
        showlegend=False,
    )


def _targets(
    values: np.ndarray, theme: str | None, most: float, rows: bool, bar: style.Attributes
) -> style.Attributes:
    """Return an invisible point on each value, to hover over and to click."""
    row, column = np.nonzero(~np.isnan(values))
    where = "row %{y}, column %{x}" if rows else "number %{pointNumber}"
    hover = where + ": %{customdata:.4f}"
    colors = parts.color_bar(style.diverging(theme), -most, most, **bar)
    return parts.targets(column, row, 12, hover, customdata=values[row, column], colors=colors)


@dataclass(frozen=True, eq=False)
class Cells:
    """A small table of numbers.

    values: (k, k); outside: (k, k) bool, True for zeros of the padding, whose numbers get a star;
    mark: row and column of the cell to frame.
    """

    title: str
    values: np.ndarray
    outside: np.ndarray | None = None
    mark: tuple[int, int] | None = None


def cells(
    tables: Sequence[Cells], theme: str | None, height: int, most: float | None = None
) -> go.Figure:
    """Return tables side by side on one diverging scale, with numbers in their cells.

    most: end of the scale, by default the largest absolute value of all tables.
    """
    if most is None:
        most = max(float(np.nanmax(np.abs(table.values))) for table in tables)
    frames = [
        parts.frame(*table.mark, 1, 1, "" if number == 1 else str(number))
        for number, table in enumerate(tables, start=1)
        if table.mark
    ]
    drawn = {table.title: _table(table, theme, most) for table in tables}
    return parts.side_by_side(drawn, [1 / len(tables)] * len(tables), height, shapes=frames)


def _table(table: Cells, theme: str | None, most: float) -> style.Attributes:
    hover = "row %{y}, column %{x}: %{z:.4f}"
    heat = parts.signed_heatmap(table.values, theme, hover, most=most, gap=1)
    if max(table.values.shape) > READABLE:
        return heat
    outside = np.zeros(table.values.shape, bool) if table.outside is None else table.outside
    texts = [
        [
            "" if np.isnan(value) else signed(f"{value:z.2f}") + "*" * int(star)
            for value, star in line
        ]
        for line in np.stack([table.values, outside], axis=-1)
    ]
    if len(table.values) <= 3:
        heat["textfont"] = {"size": 14}  # in larger tables Plotly picks the size that fits
    return heat | {"text": texts, "texttemplate": "%{text}"}


def contributions(
    names: Sequence[str], values: np.ndarray, theme: str | None, what: str, chosen: int = -1
) -> go.Figure:
    """Return signed horizontal bars, the first one on top.

    values: (n,); what: title of the axis; chosen: index of the bar to frame, -1 for none.
    """
    widths = [3 if at == chosen else 0 for at in range(len(names))]
    marker = {
        "color": style.by_sign(values, theme),
        "line": {"color": style.VALIDATION, "width": widths},
    }
    labels = [signed(f"{value:+.3f}") for value in values]
    bars = parts.bars(values, list(names), "", "%{y}: %{x:.4f}", labels, orientation="h")
    same = {"marker": {"opacity": 1}}
    most = float(np.abs(values).max()) or 1.0
    return parts.figure(
        [bars | {"marker": marker, "selected": same, "unselected": same}],
        24 * len(names) + 64,
        parts.axis(what, range=_room(values, most), nticks=5),
        parts.axis(autorange="reversed", type="category"),
    )


def _room(values: np.ndarray, most: float) -> list[float]:
    """Return axis limits that include all values and 0, with room for numbers beside the bars."""
    return [
        min(0.0, float(values.min())) - 0.35 * most,
        max(0.0, float(values.max())) + 0.35 * most,
    ]


def logits(values: np.ndarray, chosen: int) -> go.Figure:
    """Return a bar chart of the ten logits, in the order 0 to 9.

    values: (10,); chosen: the digit to highlight.
    """
    colors, most = parts.highlighted(10, chosen), float(np.abs(values).max()) or 1.0
    labels = [signed(f"{value:z.2f}") for value in values]
    return parts.figure(
        [parts.bars(parts.DIGITS, values, colors, "digit %{x}: %{y:.4f}", labels)],
        260,
        parts.axis("digit", type="category"),
        parts.axis("logit z", range=_room(values, most / 2)),
    )
