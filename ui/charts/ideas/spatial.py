"""Figures of the ideas about pictures: numbers in cells, a kernel that slides, windows, padding."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mnist_core.theory.convolution import Slid
from mnist_core.theory.sliding import Sliding
from ui.charts import style
from ui.charts.maps import Box, signed

READABLE = 10  # cells side by side that still have room for their numbers
LARGE = 300  # pixels: the height of a figure whose cells have room for large numbers
GAP = {"xgap": 1, "ygap": 1}
UNREAD = "×"


def number(value: float, decimals: int = 2) -> str:
    """A number without needless zeros, and with a true minus sign: −1, 0.11."""
    words = f"{value:z.{decimals}f}"
    return signed(words.rstrip("0").rstrip(".") if "." in words else words)


def image(pixels: np.ndarray, box: Box, height: int) -> go.Figure:
    """A whole picture with some of its cells framed. pixels: (28, 28), 0 to 255 or to 1."""
    figure = style.pixels(pixels, height)
    return figure.add_shape(style.frame(*box)).update_layout(xaxis_fixedrange=True)


def window(pixels: np.ndarray, box: Box, size: int) -> go.Figure:
    """The framed cells with their numbers. pixels: as above, whole; the ticks count there.

    size: the height of the figure in pixels.
    """
    top, left, height, width = box
    inside = pixels[top : top + height, left : left + width]
    most = 255 if pixels.dtype == np.uint8 else 1
    heat = _heat(inside, "", *_ink(most), _texts(inside, 0 if most == 255 else 3))
    heat |= {"x0": left, "dx": 1, "y0": top, "dy": 1, "textfont": {"size": 14}} | GAP
    layout: dict[str, Any] = style.layout(size, "column", "row")
    ticks = {"dtick": 1, "fixedrange": True, "showgrid": False, "constrain": "domain"}
    layout["xaxis"] |= ticks | {"side": "top"}
    layout["yaxis"] |= ticks | {"autorange": "reversed", "scaleanchor": "x"}
    return go.Figure({"data": [heat], "layout": layout})


def convolution(slid: Slid, place: tuple[int, int], theme: str | None, height: int) -> go.Figure:
    """Picture, kernel as it is laid on it, and output; the place is framed in both."""
    size = len(slid.kernel)
    flipped = slid.laid is not slid.kernel
    names = ("input I", "K, flipped" if flipped else "kernel K", "output S")
    most = float(slid.image.max()) or 1.0
    grey = _ink(most) if len(slid.image) <= READABLE else ((0.0, most), style.INK)
    tables = [
        (slid.image, *(_signed(slid.image, theme) if slid.image.min() < 0 else grey)),
        (slid.laid, *_signed(slid.laid, theme)),
        (slid.output, *_signed(slid.output, theme)),
    ]
    spans = [(0.0, 0.37), (0.41, 0.59), (0.63, 1.0)]
    shapes = [style.frame(*place, size, size), style.frame(*place, 1, 1, "3")]
    data, layout = [], style.layout(height) | {"shapes": shapes, "showlegend": False}
    for order, ((values, ends, scale), span) in enumerate(zip(tables, spans, strict=True)):
        axis = str(order + 1) if order else ""
        few = len(values) <= READABLE
        data.append(_heat(values, axis, ends, scale, _texts(values, 2) if few else None))
        if few:
            data[-1] |= GAP | ({"textfont": {"size": 16}} if height > LARGE else {})
        layout |= _axes(axis, span)
    data[2] |= {"showscale": True, "colorbar": _bar(slid.output, spans[2])}
    layout["annotations"] = [_title(*pair) for pair in zip(names, spans, strict=True)]
    layout["margin"] = {"l": 4, "r": 4, "t": 28, "b": 34}
    return go.Figure({"data": data, "layout": layout})


def sliding(side: Sliding, place: tuple[int, int], theme: str | None, height: int) -> go.Figure:
    """A square input with its padding, the window at a place, and the output made so far.

    place: row and column of the output.
    """
    total = side.before + side.n + side.after
    reads = np.outer(side.reads, side.reads)
    at = np.arange(total) - side.before
    inside = (at >= 0) & (at < side.n)
    real = inside[:, None] & inside
    kinds = np.where(real, np.where(reads == 0, 2, 0), 1)
    texts = np.array(["", "0", UNREAD])[kinds]
    grid = _heat(kinds, "", (0, 2), _steps(style.NEUTRAL, style.TRAINING, style.WRONG), texts)
    grid["textfont"] = {"color": style.TEXT[theme or "light"]}
    grid |= {"x0": -side.before, "dx": 1, "y0": -side.before, "dy": 1, "customdata": reads}
    grid["hovertemplate"] = "row %{y}, column %{x}: read %{customdata} times<extra></extra>"
    order = np.arange(side.outputs**2).reshape(side.outputs, side.outputs)
    done = (order <= order[place]).astype(int)
    made = _heat(done, "2", (0, 1), _steps(style.NEUTRAL, style.RIGHT), None)
    made["hovertemplate"] = "output row %{y}, column %{x}<extra></extra>"
    split = total / (total + max(side.outputs, total / 4))  # cells alike, while there is room
    spans = [(0.0, split - 0.03), (split + 0.03, 1.0)]
    top, left = (int(side.starts[index]) for index in place)
    shapes = [style.frame(top, left, side.k, side.k), style.frame(*place, 1, 1, "2")]
    layout = style.layout(height) | {"shapes": shapes, "showlegend": False}
    layout |= _axes("", spans[0]) | _axes("2", spans[1])
    titles = (f"input {side.n} × {side.n}", f"output {side.outputs} × {side.outputs}")
    layout["annotations"] = [_title(*pair) for pair in zip(titles, spans, strict=True)]
    layout["margin"] = {"l": 4, "r": 4, "t": 28, "b": 4}
    return go.Figure({"data": [grid | GAP, made | GAP], "layout": layout})


def _heat(
    values: np.ndarray,
    axis: str,
    ends: tuple[float, float],
    scale: str | list,
    texts: Sequence | np.ndarray | None,
) -> dict[str, Any]:
    """Cells, and their numbers where there are texts."""
    heat: dict[str, Any] = {
        "type": "heatmap",
        "z": values,
        "zmin": ends[0],
        "zmax": ends[1],
        "colorscale": scale,
        "showscale": False,
        "xaxis": f"x{axis}",
        "yaxis": f"y{axis}",
        "hovertemplate": "row %{y}, column %{x}: %{z:.4~f}<extra></extra>",
    }
    return heat if texts is None else heat | {"text": texts, "texttemplate": "%{text}"}


def _texts(values: np.ndarray, decimals: int) -> list[list[str]]:
    return [[number(float(value), decimals) for value in line] for line in values]


def _signed(values: np.ndarray, theme: str | None) -> tuple[tuple[float, float], list]:
    most = float(np.abs(values).max()) or 1.0
    return (-most, most), style.diverging(theme)


def _ink(most: float) -> tuple[tuple[float, float], str]:
    """Greys short of black and white, which would be lost on the paper of the page."""
    return (-0.15 * most, 1.15 * most), style.INK


def _steps(*colours: str) -> list[list]:
    """A colour scale of so many plain colours, thin enough to read a number on them."""
    last = len(colours) - 1
    return [[at / last, style.clear(colour, 0.4)] for at, colour in enumerate(colours)]


def _axes(axis: str, span: tuple[float, float]) -> dict[str, Any]:
    """Both axes of one table, hidden, with square cells."""
    hidden: dict[str, Any] = {"visible": False, "fixedrange": True, "constrain": "domain"}
    return {
        f"xaxis{axis}": hidden | {"domain": list(span), "anchor": f"y{axis}"},
        f"yaxis{axis}": hidden
        | {"anchor": f"x{axis}", "scaleanchor": f"x{axis}", "autorange": "reversed"}
        | {"constraintoward": "top"},
    }


def _title(words: str, span: tuple[float, float]) -> dict[str, Any]:
    place = {"x": sum(span) / 2, "y": 1, "xref": "paper", "yref": "paper"}
    look = {"xanchor": "center", "yanchor": "bottom", "showarrow": False, "font": {"size": 14}}
    return {"text": words} | place | look


def _bar(values: np.ndarray, span: tuple[float, float]) -> dict[str, Any]:
    """The scale of the output, below it."""
    most = float(np.abs(values).max()) or 1.0
    return {
        "orientation": "h",
        "x": sum(span) / 2,
        "len": span[1] - span[0],
        "y": 0,
        "yanchor": "top",
        "thickness": 8,
        "ypad": 4,
        "tickvals": [-most, 0, most],
        "ticktext": [number(-most), "0", number(most)],
    }
