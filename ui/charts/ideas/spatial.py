"""Figures of the ideas about images: pixel values, convolution, padding and stride."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.convolution import SlidingProduct
from mnist_core.teaching.concepts.sliding import Sliding
from ui.charts import digits, parts, style
from ui.charts.feature_maps import Box, signed

READABLE = 10  # cells per row that still have room for their numbers
LARGE = 240  # pixels: a higher figure has room for large numbers in its cells
HOVER = "row %{y}, column %{x}: %{z:.4~f}"
UNREAD = "×"


def number(value: float, decimals: int = 2) -> str:
    """Return a number without trailing zeros and with a typographic minus: −1, 0.11."""
    words = f"{value:z.{decimals}f}"
    return signed(words.rstrip("0").rstrip(".") if "." in words else words)


def image(pixels: np.ndarray, box: Box, height: int) -> go.Figure:
    """Return a whole image with some of its cells framed.

    pixels: (28, 28), uint8 from 0 to 255 or float from 0 to 1; height: in pixels.
    """
    return digits.pixels(pixels, height, [parts.frame(*box)])


def window(pixels: np.ndarray, box: Box, size: int) -> go.Figure:
    """Return the framed cells of an image with their numbers.

    pixels: the whole image, (28, 28), whose rows and columns the ticks count; size: the height of
    the figure in pixels.
    """
    top, left, height, width = box
    inside = pixels[top : top + height, left : left + width]
    most, decimals, text = (255, 0, 14) if pixels.dtype == np.uint8 else (1, 3, 12)
    heat = _grey(inside, most, decimals)
    heat |= {"x0": left, "dx": 1, "y0": top, "dy": 1, "textfont": {"size": text}}
    ticks = {"dtick": 1, "showgrid": False, "constrain": "domain"}
    return parts.figure(
        [heat],
        size,
        parts.axis("column", side="top", **ticks),
        parts.axis("row", autorange="reversed", scaleanchor="x", **ticks),
    )


def convolution(
    slid: SlidingProduct, place: tuple[int, int], theme: str | None, height: int
) -> go.Figure:
    """Return image, kernel and output of a convolution, with the window and its result framed.

    place: row and column of the output. A small image has numbers in its cells, and the cells of
    all three tables then have one size.
    """
    size, few = len(slid.kernel), len(slid.image) <= READABLE
    kernel = "kernel K" if slid.laid is slid.kernel else "K, flipped"
    if slid.image.min() < 0:
        image = signed_cells(slid.image, theme)
    else:
        image = _grey(slid.image, float(slid.image.max()) or 1.0, 2 if few else None)
    tables = {
        "input I": image,
        kernel: signed_cells(slid.laid, theme),
        "output S": signed_cells(slid.output, theme),
    }
    frames = [parts.frame(*place, size, size), parts.frame(*place, 1, 1, "3")]
    for table in tables.values():
        table.setdefault("textfont", {})["size"] = 16 if height > LARGE else 12
    if few:
        shares = (0.46, 0.29, 0.25)
        return parts.side_by_side(tables, shares, height, gap=0.03, alike=True, shapes=frames)
    tables["output S"] |= {"showscale": True, "colorbar": _bar(slid.output)}
    shares, below = (0.41, 0.22, 0.37), {"b": 34}
    return parts.side_by_side(tables, shares, height, gap=0.04, margin=below, shapes=frames)


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
    colors = _steps(style.NEUTRAL, style.TRAINING, style.WRONG)
    hover = "row %{y}, column %{x}: read %{customdata} times"
    grid = parts.heatmap(kinds, colors, 0, 2, hover, texts=texts, gap=1, customdata=reads)
    grid["textfont"] = {"color": style.TEXT[theme or "light"]}
    grid |= {"x0": -side.before, "dx": 1, "y0": -side.before, "dy": 1}
    order = np.arange(side.outputs**2).reshape(side.outputs, side.outputs)
    done = (order <= order[place]).astype(int)
    hover = "output row %{y}, column %{x}"
    made = parts.heatmap(done, _steps(style.NEUTRAL, style.RIGHT), 0, 1, hover, gap=1)
    # The title needs room above an output of a single cell too.
    share = 0.03 + total / (total + max(side.outputs, total / 4))
    top, left = (int(side.starts[index]) for index in place)
    frames = [parts.frame(top, left, side.k, side.k), parts.frame(*place, 1, 1, "2")]
    tables = {
        f"input {side.n} × {side.n}": grid,
        f"output {side.outputs} × {side.outputs}": made,
    }
    return parts.side_by_side(tables, (share, 1 - share), height, alike=True, shapes=frames)


def signed_cells(values: np.ndarray, theme: str | None) -> style.Attributes:
    """Return a diverging heatmap, red above 0 and blue below; pale with numbers if it is small."""
    if len(values) > READABLE:
        return parts.signed_heatmap(values, theme, HOVER)
    texts = [[number(float(value)) for value in line] for line in values]
    return parts.signed_heatmap(values, theme, HOVER, pale=True, texts=texts, gap=1)


def _grey(values: np.ndarray, most: float, decimals: int | None) -> style.Attributes:
    """Return pixels from 0 to most, with numbers if `decimals` is given.

    With numbers, black and white are avoided, since they would merge with the page's background.
    """
    if decimals is None:
        return parts.heatmap(values, style.INK, 0, most, HOVER)
    texts = [
        [_on_grey(number(float(value), decimals), float(value) / most) for value in line]
        for line in values
    ]
    ends = (-0.15 * most, 1.15 * most)
    return parts.heatmap(values, style.INK, *ends, HOVER, texts=texts, gap=1)


def _on_grey(words: str, share: float) -> str:
    """Return a text in black or white, for a cell whose brightness is `share`, in [0, 1].

    Plotly's own choice is hard to read on medium grays.
    """
    return f'<span style="color:{"black" if share > 0.45 else "white"}">{words}</span>'


def _steps(*colors: str) -> style.ColorScale:
    """Return a color scale of plain colors, pale enough to read numbers on."""
    last = len(colors) - 1
    return [(at / last, style.with_opacity(color, 0.4)) for at, color in enumerate(colors)]


def _bar(values: np.ndarray) -> style.Attributes:
    """Return the color bar of the output, placed below it."""
    most = float(np.abs(values).max()) or 1.0
    return {
        "orientation": "h",
        "x": 0.815,
        "len": 0.37,
        "y": 0,
        "yanchor": "top",
        "thickness": 8,
        "ypad": 4,
        "tickvals": [-most, 0, most],
        "ticktext": [number(-most), "0", number(most)],
    }
