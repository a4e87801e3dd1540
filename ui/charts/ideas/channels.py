"""Figures of the idea Channels: each map above its slice of the kernel, and the output beside them.

All of them are on one pair of axes, whose unit is a cell of the color image.
"""

from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.channels import COLORS, Filtered
from ui.charts import parts, style
from ui.charts.ideas.spatial import number

SIDE, SLICE, STEP = 5.0, 3.0, 6.0  # of a map, of a slice of the kernel, from column to column
IN_ROW = 4  # maps in a row
HOVER = "%{z:.3~f}"
SHADES = {"red": "#ff0000", "green": "#00ff00", "blue": "#0000ff"}
DARK = "#262626"  # black would merge with a dark page


@dataclass(frozen=True)
class _Block:
    """Square cells with a title above and words below. left, top, width: in units.

    framed: row, column and side of the cells that a frame is around.
    """

    title: str
    cells: style.Attributes
    left: float
    top: float
    width: float = SIDE
    framed: tuple[int, int, int] | None = None
    below: str = ""


def color_patch(
    filtered: Filtered, place: tuple[int, int], theme: str | None, unit: int
) -> go.Figure:
    """Return a color image, its channels, kernel, products and output, with their numbers.

    place: row and column of the output; unit: pixels of a cell.
    """
    window, strongest = (*place, len(filtered.kernel)), float(np.abs(filtered.kernel).max())
    tops = (SIDE + 1.2, SIDE + SLICE + 2.4)
    products = filtered.products(*place)
    blocks = []
    for channel, color in enumerate(COLORS):
        left, pixels = STEP * channel, filtered.inputs[..., channel]
        scale = [(0.0, DARK), (1.0, SHADES[color])]
        shades = parts.heatmap(pixels, scale, 0, 1, HOVER, texts=_texts(pixels), gap=1)
        blocks.append(_Block(f"{color} channel", shades, left, 0, framed=window))
        total = f"<b>sum {number(float(filtered.sums[place][channel]))}</b>"
        for title, values, top, below in (
            ("kernel", filtered.kernel, tops[0], ""),
            ("products", products, tops[1], total),
        ):
            cells = _numbers(values[..., channel], theme, strongest)
            blocks.append(_Block(title, cells, left + 1, top, SLICE, below=below))
    colors = np.round(255 * filtered.inputs).astype(np.uint8)
    picture = {"type": "image", "z": colors, "hoverinfo": "skip"}
    output = _numbers(filtered.output, theme, float(np.abs(filtered.output).max()))
    left = STEP * len(COLORS)
    blocks += [
        _Block("color image", picture, left, 0, framed=window),
        _Block("output", output, left + 1, tops[0], SLICE, framed=(*place, 1)),
    ]
    return _figure(blocks, unit)


def feature_maps(
    filtered: Filtered, image: np.ndarray, place: tuple[int, int], theme: str | None, unit: int
) -> go.Figure:
    """Return the maps that a filter reads, its kernel's slices, and its output beside the image.

    image: (28, 28) in [0, 1]; place: row and column of the output; unit: as in `color_patch`.
    """
    window = (*place, len(filtered.kernel))
    most, strongest = (float(np.abs(part).max()) for part in (filtered.inputs, filtered.kernel))
    blocks, high = [], SIDE + SLICE + 3.2
    for channel in range(filtered.inputs.shape[-1]):
        row, column = divmod(channel, IN_ROW)
        left, top = STEP * column, high * row
        pixels = parts.heatmap(filtered.inputs[..., channel], style.INK, 0, most or 1, HOVER)
        weights = parts.signed_heatmap(filtered.kernel[..., channel], theme, HOVER, most=strongest)
        total = number(float(filtered.sums[place][channel]))
        blocks += [
            _Block(f"channel {channel}", pixels, left, top, framed=window),
            _Block("", weights, left + 1, top + SIDE + 0.3, SLICE, below=f"<b>sum {total}</b>"),
        ]
    left, output = STEP * IN_ROW, parts.signed_heatmap(filtered.output, theme, HOVER)
    blocks += [
        _Block("image", parts.heatmap(image, style.INK, 0, 1, HOVER), left, 0),
        _Block("output", output, left, high, framed=(*place, 1)),
    ]
    return _figure(blocks, unit)


def _numbers(values: np.ndarray, theme: str | None, most: float) -> style.Attributes:
    return parts.signed_heatmap(
        values, theme, HOVER, most=most, pale=True, texts=_texts(values), gap=1
    )


def _texts(values: np.ndarray) -> list[list[str]]:
    return [[number(float(value)) for value in line] for line in values]


def _figure(blocks: list[_Block], unit: int) -> go.Figure:
    """Return the blocks at their places. unit: in pixels."""
    data, notes, frames = [], [], []
    size = {"size": 11 if unit < 18 else 13}
    for block in blocks:
        middle, bottom = block.left + block.width / 2, block.top + block.width
        cell = block.width / len(block.cells["z"])
        first = {"x0": block.left + cell / 2, "dx": cell, "y0": block.top + cell / 2, "dy": cell}
        if "text" in block.cells:
            first["textfont"] = block.cells.get("textfont", {}) | size
        data.append(block.cells | first)
        notes += [
            parts.note(block.title, middle, block.top, yanchor="bottom", font=size),
            parts.note(block.below, middle, bottom, yanchor="top", font=size),
        ]
        if block.cells["type"] == "image":  # its white would merge with a light page
            outline = {"color": style.NEUTRAL, "stroke": 1}
            corner = block.top + 0.5, block.left + 0.5
            frames.append(parts.frame(*corner, block.width, block.width, **outline))
        if block.framed:
            row, column, side = block.framed
            top, left = block.top + row * cell, block.left + column * cell
            # `frame` begins half a unit before the middle of the first cell
            frames.append(parts.frame(top + 0.5, left + 0.5, side * cell, side * cell))
    wide = max(block.left + block.width for block in blocks)
    high = max(block.top + block.width for block in blocks) + 1.3
    return parts.figure(
        data,
        round(unit * (high + 1.3)),
        parts.HIDDEN | {"range": [-0.2, wide + 0.2]},
        parts.HIDDEN | {"range": [high, -1.3], "scaleanchor": "x"},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        annotations=[note for note in notes if note["text"]],
        shapes=frames,
        showlegend=False,
    )
