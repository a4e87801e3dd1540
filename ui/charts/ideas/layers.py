"""Figures of the ideas Pooling, Flatten and A dense layer: small tables of colored cells."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from mnist_core.network.layers import Shape
from mnist_core.teaching.concepts import flatten
from mnist_core.teaching.concepts.dense import Dense
from mnist_core.teaching.concepts.pooling import Pooled
from ui.charts import parts, style
from ui.charts.ideas.spatial import number

PALE = 0.4  # opacity of colors behind numbers
COLOURS = [color for color, _, _ in style.MANY]


def written(value: float) -> str:
    """Return a number with at most three decimals and a typographic minus; NaN becomes ""."""
    return "" if np.isnan(value) else number(value, 3)


def pooling_table(pooled: Pooled, at: tuple[int, int], theme: str | None, height: int) -> go.Figure:
    """Return a table of numbers and its pooled table, colored by window where no windows overlap.

    at: the window to frame, as row and column of the output; height: in pixels.
    """
    high, wide = pooled.values.shape
    apart = pooled.stride >= pooled.size
    own = np.arange(high * wide).reshape(high, wide) if apart else np.full((high, wide), np.nan)
    own[at] = at[0] * wide + at[1] if apart else 0
    painted = np.full(pooled.inputs.shape, np.nan)
    for row, column in np.ndindex(high, wide):
        if not np.isnan(own[row, column]):
            top, left = row * pooled.stride, column * pooled.stride
            painted[top : top + pooled.size, left : left + pooled.size] = own[row, column]
    boards = [
        _board(cells, COLOURS, theme, _texts(values))
        for cells, values in ((painted, pooled.inputs), (own, pooled.values))
    ]
    return _pooling(boards, pooled, at, height, 4)


def pooling_pictures(pooled: Pooled, at: tuple[int, int], height: int) -> go.Figure:
    """Return an image and its pooled image, both with values on hover.

    at: the window to frame, as row and column of the output; height: in pixels.
    """
    most = float(pooled.inputs.max()) or 1.0
    hover = "row %{y}, column %{x}: %{z:.3f}"
    pictures = [
        parts.heatmap(values, style.INK, 0, most, hover)
        for values in (pooled.inputs, pooled.values)
    ]
    return _pooling(pictures, pooled, at, height, 2)


def _pooling(
    boards: list[style.Attributes], pooled: Pooled, at: tuple[int, int], height: int, stroke: int
) -> go.Figure:
    """Return both tables with frames around the window, its largest cell, and the result.

    stroke: width of the frames in pixels.
    """
    top, left = at[0] * pooled.stride, at[1] * pooled.stride
    frames = [
        parts.frame(top, left, pooled.size, pooled.size, stroke=stroke),
        parts.frame(*at, 1, 1, "2", stroke=stroke),
    ]
    if pooled.winners is not None:
        row, column = pooled.winners[at].tolist()
        frames.append(parts.frame(row, column, 1, 1, winner=True, stroke=stroke))
    tables = {
        f"{name}, {len(board['z'])} × {len(board['z'][0])}": board
        for name, board in zip(("input", "pooled"), boards, strict=True)
    }
    return parts.side_by_side(tables, (0.6, 0.4), height, alike=True, shapes=frames)


def flatten_block(
    shape: Shape, place: Shape, shown: Sequence[int], theme: str, height: int
) -> go.Figure:
    """Return channels of a block as tiles; each cell shows its index after Flatten.

    shown: the channels to draw.
    """
    lands = flatten.indices(shape)
    colors = _channel_colors(shape[2], place[2])
    tiles = {
        f"channel {channel}": _board(
            np.full(shape[:2], channel), colors, theme, lands[..., channel].astype(str)
        )
        for channel in shown
    }
    axis = shown.index(place[2])
    frames = [parts.frame(place[0], place[1], 1, 1, "" if axis == 0 else str(axis + 1))]
    shares = [1 / len(shown)] * len(shown)
    return parts.side_by_side(tiles, shares, height, alike=True, shapes=frames)


def flatten_row(shape: Shape, at: int, theme: str) -> go.Figure:
    """Return the vector that Flatten makes of a block, wrapped after each row if it is long.

    at: the index to frame.
    """
    count = int(np.prod(shape))
    lines = 1 if count <= 24 else shape[0]
    lands = np.arange(count).reshape(lines, -1)
    chosen = flatten.place(at, shape)
    texts = lands.astype(str) if lines == 1 else None
    colors, hover = _channel_colors(shape[2], chosen[2]), "number %{customdata}, channel %{z}"
    board = _board(lands % shape[2], colors, theme, texts, hover)
    hidden, place = {"visible": False, "fixedrange": True}, divmod(at, lands.shape[1])
    return parts.figure(
        [board | {"customdata": lands}],
        84 if lines == 1 else 40 * lines,
        hidden,
        hidden | {"autorange": "reversed"},
        showlegend=False,
        shapes=[parts.frame(*place, 1, 1)],
    )


def _channel_colors(count: int, chosen: int) -> list[str]:
    """Return a color per channel, or with many channels a color for the chosen channel alone."""
    if count <= len(COLOURS):
        return COLOURS[:count]
    return parts.highlighted(count, chosen, style.VALIDATION)


def dense(layer: Dense, row: int, unit: int, activated: bool, theme: str | None) -> go.Figure:
    """Return Z = XW + b, laid out so that each result stands where its row and column cross.

    W stands above, b below it, X on the left; a row of X and a column of W are framed.
    """
    (batch, wide), out = layer.x.shape, len(layer.b)
    results = np.maximum(layer.z, 0) if activated else layer.z
    values = np.full((wide + batch + 3, wide + out + 1), np.nan)
    values[:wide, wide + 1 :] = layer.w
    values[wide + 1, wide + 1 :] = layer.b
    values[wide + 3 :, :wide] = layer.x
    values[wide + 3 :, wide + 1 :] = results
    heat = parts.signed_heatmap(values, theme, None, pale=True, gap=1, texts=_texts(values))
    below, right = wide + 3 + row, wide + 1 + unit
    frames = [
        parts.frame(below, 0, 1, wide),
        parts.frame(0, right, wide, 1),
        parts.frame(wide + 1, right, 1, 1),
        parts.frame(below, right, 1, 1, color=style.RIGHT, stroke=4),
    ]
    middle = wide + (out + 1) / 2
    result = "A = ReLU(Z)" if activated else "Z = XW + b"
    titles = [
        parts.note(text, x, y, font={"size": 14})
        for text, x, y in (
            (f"X {batch} × {wide}", (wide - 1) / 2, wide + 2),
            (f"W {wide} × {out}", middle, -1),
            (f"b {out}", middle, wide),
            (f"{result} {batch} × {out}", middle, wide + 2),
        )
    ]
    hidden = {"visible": False, "fixedrange": True}
    return parts.figure(
        [heat],
        44 * len(values),
        hidden,
        hidden | {"range": [len(values) - 0.5, -1.5]},
        shapes=frames,
        annotations=titles,
        showlegend=False,
    )


def _texts(values: np.ndarray) -> list[list[str]]:
    return [[written(value) for value in line] for line in values]


def _board(
    painted: np.ndarray,
    colors: Sequence[str],
    theme: str | None,
    texts: Any = None,
    hover: str | None = None,
) -> style.Attributes:
    """Return a table of cells with texts.

    painted: (h, w), the index of each cell's color; NaN has none.
    """
    count, pale = len(colors), [style.with_opacity(color, PALE) for color in colors]
    scale = [(end / count, pale[at]) for at in range(count) for end in (at, at + 1)]
    font = {"color": style.TEXT[theme or "light"]}
    heat = parts.heatmap(painted, scale, -0.5, count - 0.5, hover, texts=texts, gap=1)
    return heat | {"textfont": font}
