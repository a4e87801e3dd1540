"""Figures of the tabs Feature maps and Filters: clickable maps, tables of numbers, sums."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from ui.charts import style


def signed(words: str) -> str:
    """Return the text of a number with a typographic minus sign, as wide as a plus."""
    return words.replace("-", "−")


READABLE = 10  # cells per row that still have room for their numbers

Box = tuple[int, int, int, int]
"""Top, left, height and width of a rectangle, in cells."""


def large(
    values: np.ndarray,
    theme: str | None,
    box: Box | None,
    rows: bool = True,
    clickable: bool = True,
) -> go.Figure:
    """Return one feature map; a box frames cells, which may lie outside of the map.

    values: (h, w); NaN is empty. rows: whether hovering shows row and column, or for a vector the
    index alone. clickable: adds an invisible point for each value, whose index in Streamlit counts
    row by row; browsers are slow to draw many of them.
    """
    height, width = values.shape
    most = float(np.nanmax(np.abs(values))) or 1.0
    heat = {
        "type": "heatmap",
        "z": values,
        "zmin": -most,
        "zmax": most,
        "colorscale": style.diverging(theme),
        "colorbar": {"thickness": 12},
    }
    if clickable:
        heat["hoverinfo"] = "skip"
    else:
        heat["hovertemplate"] = "row %{y}, column %{x}: %{z:.4f}<extra></extra>"
    top, left, tall, wide = box or (0, 0, 0, 0)
    layout = style.layout(360) | {"shapes": [style.frame(*box)] if box else [], "hoverdistance": -1}
    axis = {"fixedrange": True, "showgrid": False, "zeroline": False, "constrain": "domain"}
    across = [min(0, left) - 0.6, max(width, left + wide) - 0.4]
    down = [max(height, top + tall) - 0.4, min(0, top) - 0.6]
    ticks = {"visible": rows, "nticks": 6}
    layout["xaxis"] = axis | ticks | {"range": across}
    layout["yaxis"] = axis | ticks | {"range": down, "scaleanchor": "x"}
    layout["showlegend"] = False
    points = [_points(values, rows)] if clickable else []
    return go.Figure({"data": [heat, *points], "layout": layout})


def _points(values: np.ndarray, rows: bool) -> dict[str, object]:
    """Return an invisible point on each value, to hover over and to click."""
    row, column = (axis.ravel() for axis in np.indices(values.shape))
    there = ~np.isnan(values.ravel())
    unseen = {"marker": {"opacity": 0}}
    where = "row %{y}, column %{x}" if rows else "number %{pointNumber}"
    return {
        "type": "scatter",
        "x": column[there],
        "y": row[there],
        "customdata": values.ravel()[there],
        "mode": "markers",
        "marker": {"symbol": "square", "size": 12, "opacity": 0},
        "selected": unseen,
        "unselected": unseen,
        "hovertemplate": where + ": %{customdata:.4f}<extra></extra>",
    }


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


def cells(tables: Sequence[Cells], theme: str | None, height: int) -> go.Figure:
    """Return tables side by side, each on its own diverging scale, with numbers in their cells."""
    data, words, frames = [], [], []
    layout: style.Attributes = style.layout(height) | {"showlegend": False}
    for number, table in enumerate(tables, start=1):
        axis = "" if number == 1 else str(number)
        data.append(_table(table, axis, theme))
        start, end = (number - 0.97) / len(tables), (number - 0.03) / len(tables)
        hidden: dict[str, object] = {"visible": False, "fixedrange": True, "constrain": "domain"}
        layout[f"xaxis{axis}"] = hidden | {"domain": [start, end], "anchor": f"y{axis}"}
        layout[f"yaxis{axis}"] = hidden | {"scaleanchor": f"x{axis}", "autorange": "reversed"}
        layout[f"yaxis{axis}"] |= {"anchor": f"x{axis}", "constraintoward": "top"}
        words.append({"x": (start + end) / 2, "y": 1, "xref": "paper", "yref": "paper"})
        words[-1] |= {"text": table.title, "showarrow": False, "yanchor": "bottom"}
        words[-1] |= {"xanchor": "center", "font": {"size": 14}}
        if table.mark:
            frames.append(style.frame(*table.mark, 1, 1, axis))
    layout |= {"annotations": words, "shapes": frames, "margin": {"l": 4, "r": 4, "t": 28, "b": 4}}
    return go.Figure({"data": data, "layout": layout})


def _table(table: Cells, axis: str, theme: str | None) -> dict[str, object]:
    most = float(np.nanmax(np.abs(table.values))) or 1.0
    heat = {
        "type": "heatmap",
        "z": table.values,
        "zmin": -2 * most,  # only the pale middle of the scale, so that numbers stay readable
        "zmax": 2 * most,
        "colorscale": style.diverging(theme),
        "showscale": False,
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "xgap": 1,
        "ygap": 1,
        "hovertemplate": "row %{y}, column %{x}: %{z:.4f}<extra></extra>",
    }
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
    font: dict[str, object] = {"color": style.TEXT[theme or "light"]}
    if len(table.values) <= 3:
        font["size"] = 14  # in larger tables Plotly picks the size that fits
    return heat | {"text": texts, "texttemplate": "%{text}", "textfont": font}


def contributions(
    names: Sequence[str], values: np.ndarray, theme: str | None, what: str, chosen: int = -1
) -> go.Figure:
    """Return signed horizontal bars, the first one on top.

    values: (n,); what: title of the axis; chosen: index of the bar to frame, -1 for none.
    """
    scale = style.diverging(theme)
    ends = (scale[0][1], scale[-1][1])
    bars = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": list(names),
        "text": [signed(f"{value:+.3f}") for value in values],
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "marker": {
            "color": [ends[int(value > 0)] for value in values],
            "line": {
                "color": style.VALIDATION,
                "width": [3 if at == chosen else 0 for at in range(len(names))],
            },
        },
        "selected": {"marker": {"opacity": 1}},
        "unselected": {"marker": {"opacity": 1}},
        "hovertemplate": "%{y}: %{x:.4f}<extra></extra>",
    }
    most = float(np.abs(values).max()) or 1.0
    layout = style.layout(24 * len(names) + 64, what)
    layout["xaxis"] |= {"fixedrange": True, "range": _room(values, most), "nticks": 5}
    layout["yaxis"] |= {"fixedrange": True, "autorange": "reversed", "type": "category"}
    return go.Figure({"data": [bars], "layout": layout})


def _room(values: np.ndarray, most: float) -> list[float]:
    """Return axis limits that include all values and 0, with room for numbers beside the bars."""
    return [
        min(0.0, float(values.min())) - 0.35 * most,
        max(0.0, float(values.max())) + 0.35 * most,
    ]


def logits(values: np.ndarray, chosen: int, theme: str | None) -> go.Figure:
    """Return a bar chart of the ten logits, in the order 0 to 9.

    values: (10,); chosen: the digit to highlight.
    """
    bars = {
        "type": "bar",
        "x": [str(digit) for digit in range(10)],
        "y": values,
        "marker": {
            "color": [style.TRAINING if digit == chosen else style.NEUTRAL for digit in range(10)]
        },
        "text": [signed(f"{value:z.2f}") for value in values],
        "textposition": "outside",
        "constraintext": "none",
        "cliponaxis": False,
        "hovertemplate": "digit %{x}: %{y:.4f}<extra></extra>",
    }
    most = float(np.abs(values).max()) or 1.0
    layout = style.layout(260, "digit", "logit z")
    layout["xaxis"] |= {"type": "category", "fixedrange": True}
    layout["yaxis"] |= {"fixedrange": True, "range": _room(values, most / 2)}
    return go.Figure({"data": [bars], "layout": layout})
