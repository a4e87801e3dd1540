"""Figures of the idea Channels: maps above their slices of a kernel, and the output beside them."""

import numpy as np
import plotly.graph_objects as go

from mnist_core.teaching.concepts.channels import COLORS, Filtered
from ui.charts import parts, style
from ui.charts.ideas.blocks import SIDE, STEP, Block, figure
from ui.charts.ideas.spatial import number

SLICE = 3.0  # width of a slice of the kernel
IN_ROW = 4  # maps in a row
HOVER = "%{z:.3~f}"
SHADES = {"red": "#ff0000", "green": "#00ff00", "blue": "#0000ff"}
DARK = "#262626"  # black would merge with a dark page


def color_patch(
    filtered: Filtered, place: tuple[int, int], theme: str | None, unit: int
) -> go.Figure:
    """Return a color image, its channels, kernel, products and output, with their numbers.

    place: row and column of the output; unit: as `blocks.figure` takes it.
    """
    window, strongest = (*place, len(filtered.kernel)), float(np.abs(filtered.kernel).max())
    tops = (SIDE + 1.2, SIDE + SLICE + 2.4)
    products = filtered.products(*place)
    blocks = []
    for channel, color in enumerate(COLORS):
        left, pixels = STEP * channel, filtered.inputs[..., channel]
        scale = [(0.0, DARK), (1.0, SHADES[color])]
        shades = parts.heatmap(pixels, scale, 0, 1, HOVER, texts=_texts(pixels), gap=1)
        blocks.append(Block(f"{color} channel", shades, left, 0, framed=window))
        total = f"<b>sum {number(float(filtered.sums[place][channel]))}</b>"
        for title, values, top, below in (
            ("slice", filtered.kernel, tops[0], ""),
            ("products", products, tops[1], total),
        ):
            cells = _numbers(values[..., channel], theme, strongest)
            blocks.append(Block(title, cells, left + 1, top, SLICE, below=below))
    colors = np.round(255 * filtered.inputs).astype(np.uint8)
    picture = {"type": "image", "z": colors, "hoverinfo": "skip"}
    output = _numbers(filtered.output, theme, float(np.abs(filtered.output).max()))
    left = STEP * len(COLORS)
    blocks += [
        Block("color image", picture, left, 0, framed=window),
        Block("output", output, left + 1, tops[0], SLICE, framed=(*place, 1)),
    ]
    return figure(blocks, unit)


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
            Block(f"channel {channel}", pixels, left, top, framed=window),
            Block("", weights, left + 1, top + SIDE + 0.3, SLICE, below=f"<b>sum {total}</b>"),
        ]
    left, output = STEP * IN_ROW, parts.signed_heatmap(filtered.output, theme, HOVER)
    blocks += [
        Block("image", parts.heatmap(image, style.INK, 0, 1, HOVER), left, 0),
        Block("output", output, left, high, framed=(*place, 1)),
    ]
    return figure(blocks, unit)


def _numbers(values: np.ndarray, theme: str | None, most: float) -> style.Attributes:
    return parts.signed_heatmap(
        values, theme, HOVER, most=most, pale=True, texts=_texts(values), gap=1
    )


def _texts(values: np.ndarray) -> list[list[str]]:
    return [[number(float(value)) for value in line] for line in values]
