"""Figures of the ideas about images: pixel values, convolution, padding and stride."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.convolution import SlidingProduct
from mnist_core.teaching.concepts.sliding import Sliding
from ui.charts import style
from ui.charts.feature_maps import Box, signed

READABLE = 10  # cells per row that still have room for their numbers
LARGE = 300  # pixels: a higher figure has room for large numbers in its cells
GAP = {"xgap": 1, "ygap": 1}
UNREAD = "×"


def number(value: float, decimals: int = 2) -> str:
    """Return a number without trailing zeros and with a typographic minus: −1, 0.11."""
    words = f"{value:z.{decimals}f}"
    return signed(words.rstrip("0").rstrip(".") if "." in words else words)


def image(pixels: np.ndarray, box: Box, height: int) -> go.Figure:
    """Return a whole image with some of its cells framed.

    pixels: (28, 28), uint8 from 0 to 255 or float from 0 to 1; height: in pixels.
    """
    figure = style.pixels(pixels, height)
    return figure.add_shape(style.frame(*box)).update_layout(xaxis_fixedrange=True)


def window(pixels: np.ndarray, box: Box, size: int) -> go.Figure:
    """Return the framed cells of an image with their numbers.

    pixels: the whole image, (28, 28), whose rows and columns the ticks count; size: the height of
    the figure in pixels.
    """
    top, left, height, width = box
    inside = pixels[top : top + height, left : left + width]
    most = 255 if pixels.dtype == np.uint8 else 1
    heat = _grey(inside, "", most, 0 if most == 255 else 3)
    heat |= {"x0": left, "dx": 1, "y0": top, "dy": 1, "textfont": {"size": 14}}
    layout: style.Attributes = style.layout(size, "column", "row")
    ticks = {"dtick": 1, "fixedrange": True, "showgrid": False, "constrain": "domain"}
    layout["xaxis"] |= ticks | {"side": "top"}
    layout["yaxis"] |= ticks | {"autorange": "reversed", "scaleanchor": "x"}
    return go.Figure({"data": [heat], "layout": layout})


def convolution(
    slid: SlidingProduct, place: tuple[int, int], theme: str | None, height: int
) -> go.Figure:
    """Return image, kernel and output of a convolution, with the window and its result framed.

    place: row and column of the output. A small image has numbers in its cells, and the cells of
    all three tables then have one size.
    """
    size, few = len(slid.kernel), len(slid.image) <= READABLE
    flipped = slid.laid is not slid.kernel
    names = ("input I", "K, flipped" if flipped else "kernel K", "output S")
    spans = (
        ((0.0, 0.43), (0.46, 0.72), (0.75, 1.0)) if few else ((0, 0.37), (0.41, 0.59), (0.63, 1))
    )
    layout: style.Attributes = style.layout(height) | {"showlegend": False}
    layout["shapes"] = [style.frame(*place, size, size), style.frame(*place, 1, 1, "3")]
    layout["annotations"] = [_title(*pair) for pair in zip(names, spans, strict=True)]
    layout["margin"] = {"l": 4, "r": 4, "t": 28, "b": 4 if few else 34}
    data = []
    for axis, values, span in zip(
        ("", "2", "3"), (slid.image, slid.laid, slid.output), spans, strict=True
    ):
        decimals = 2 if len(values) <= READABLE else None
        if axis or values.min() < 0:
            heat = _signed(values, axis, decimals, theme)
        else:
            heat = _grey(values, axis, float(values.max()) or 1.0, decimals)
        data.append(heat | {"textfont": {"size": 16 if height > LARGE else 12}})
        layout |= _axes(axis, span, alike=few)
    if not few:
        data[2] |= {"showscale": True, "colorbar": _bar(slid.output, spans[2])}
    return go.Figure({"data": data, "layout": layout})


def sliding(side: Sliding, place: tuple[int, int], theme: str | None, height: int) -> go.Figure:
    """Return a padded square input, the window at a position, and the output computed so far.

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
    split = total / (
        total + max(side.outputs, total / 4)
    )  # room for the title above an output of a single cell
    spans = [(0.0, split - 0.03), (split + 0.03, 1.0)]
    top, left = (int(side.starts[index]) for index in place)
    shapes = [style.frame(top, left, side.k, side.k), style.frame(*place, 1, 1, "2")]
    layout = style.layout(height) | {"shapes": shapes, "showlegend": False}
    layout |= _axes("", spans[0]) | _axes("2", spans[1], alike=True)
    titles = (f"input {side.n} × {side.n}", f"output {side.outputs} × {side.outputs}")
    layout["annotations"] = [_title(*pair) for pair in zip(titles, spans, strict=True)]
    layout["margin"] = {"l": 4, "r": 4, "t": 28, "b": 4}
    return go.Figure({"data": [grid | GAP, made | GAP], "layout": layout})


def _heat(
    values: np.ndarray,
    axis: str,
    ends: tuple[float, float],
    scale: str | style.ColorScale,
    texts: Sequence | np.ndarray | None,
) -> dict[str, object]:
    """Return a heatmap, with numbers in its cells if there are texts. ends: of the color scale."""
    heat: dict[str, object] = {
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


def _grey(values: np.ndarray, axis: str, most: float, decimals: int | None) -> dict[str, object]:
    """Return pixels from 0 to most, with numbers if `decimals` is given.

    With numbers, black and white are avoided, since they would merge with the page's background.
    """
    if decimals is None:
        return _heat(values, axis, (0, most), style.INK, None)
    texts = [
        [_on_grey(number(float(value), decimals), float(value) / most) for value in line]
        for line in values
    ]
    return _heat(values, axis, (-0.15 * most, 1.15 * most), style.INK, texts) | GAP


def _on_grey(words: str, share: float) -> str:
    """Return a text in black or white, for a cell whose brightness is `share`, in [0, 1].

    Plotly's own choice is hard to read on medium grays.
    """
    return f'<span style="color:{"black" if share > 0.45 else "white"}">{words}</span>'


def _signed(
    values: np.ndarray, axis: str, decimals: int | None, theme: str | None
) -> dict[str, object]:
    """Return a diverging heatmap, red above 0 and blue below; with decimals, pale with numbers."""
    most, scale = float(np.abs(values).max()) or 1.0, style.diverging(theme)
    if decimals is None:
        return _heat(values, axis, (-most, most), scale, None)
    color = style.TEXT[theme or "light"]
    texts = [
        [f'<span style="color:{color}">{number(float(value), decimals)}</span>' for value in line]
        for line in values
    ]
    return _heat(values, axis, (-2 * most, 2 * most), scale, texts) | GAP


def _steps(*colors: str) -> style.ColorScale:
    """Return a color scale of plain colors, pale enough to read numbers on."""
    last = len(colors) - 1
    return [(at / last, style.with_opacity(color, 0.4)) for at, color in enumerate(colors)]


def _axes(axis: str, span: tuple[float, float], alike: bool = False) -> dict[str, object]:
    """Return both axes of a table, hidden, with square cells.

    span: left and right end as shares of the width; alike: use the cell size of the first table.
    """
    hidden: dict[str, object] = {"visible": False, "fixedrange": True, "constrain": "domain"}
    across = {"scaleanchor": "x"} if alike and axis else {}
    return {
        f"xaxis{axis}": hidden | across | {"domain": list(span), "anchor": f"y{axis}"},
        f"yaxis{axis}": hidden
        | {"anchor": f"x{axis}", "scaleanchor": f"x{axis}", "autorange": "reversed"}
        | {"constraintoward": "top"},
    }


def _title(words: str, span: tuple[float, float]) -> dict[str, object]:
    place = {"x": sum(span) / 2, "y": 1, "xref": "paper", "yref": "paper"}
    look = {"xanchor": "center", "yanchor": "bottom", "showarrow": False, "font": {"size": 14}}
    return {"text": words} | place | look


def _bar(values: np.ndarray, span: tuple[float, float]) -> dict[str, object]:
    """Return the color bar of the output, placed below it."""
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
