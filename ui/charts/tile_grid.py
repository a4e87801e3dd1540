"""Many small maps in one figure, as a grid of tiles: kernels, feature maps or saliency maps."""

from collections.abc import Sequence
from math import ceil
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from ui.charts import parts, style

Scale = Literal["shared", "local"]

WIDTH = 800  # pixels: the largest width that the height is computed for
TILE = 100  # pixels per column
TALLEST = 400  # pixels: the tiles and what chooses them fit into one view
BAR = 36  # pixels above the tiles for the color bar
NAME = 15  # pixels of a tile's name
NARROWER = 0.65  # of its width: what is left for a grid in a small window


def largest(tiles: np.ndarray, scale: Scale) -> np.ndarray:
    """Return the largest absolute value of all tiles or of each tile: (n, 1, 1), never 0."""
    values = np.abs(tiles).max(axis=(1, 2), keepdims=True)
    if scale == "shared":
        values = np.full_like(values, values.max())
    return np.where(values > 0, values, 1)


def columns_for(count: int, width: int) -> int:
    """Return the number of columns from 4 to 16 with which `count` tiles are largest.

    width: of all columns in pixels; tiles and their names are at most TALLEST pixels high.
    """
    sizes = {columns: min(TILE, width // columns) for columns in range(4, 17)}
    fits = [n for n, size in sizes.items() if 1.35 * size * ceil(count / n) <= TALLEST]
    return max(fits, key=lambda columns: (sizes[columns], columns), default=16)


Corners = list[tuple[int, int]]
"""Row and column of the top left cell of each tile."""


def arrange(tiles: np.ndarray, columns: int, beside: int, above: int) -> tuple[np.ndarray, Corners]:
    """Return tiles row by row in one array, with NaN around them, and where each tile is.

    tiles: (n, h, w); beside, above: empty cells between tiles, and above each of them.
    """
    count, tall, wide = tiles.shape
    rows = ceil(count / columns)
    canvas = np.full(
        (rows * (tall + above), columns * (wide + beside) - beside), np.nan, np.float32
    )
    corners = [
        (number // columns * (tall + above) + above, number % columns * (wide + beside))
        for number in range(count)
    ]
    for tile, (row, column) in zip(tiles, corners, strict=True):
        canvas[row : row + tall, column : column + wide] = tile
    return canvas, corners


def names_and_targets(
    corners: Corners,
    size: tuple[int, int],
    names: Sequence[str],
    hover: Sequence[str],
    colors: style.Attributes,
) -> tuple[list[style.Attributes], style.Attributes]:
    """Return a name above each tile, and a point in each, to hover over and to click.

    size: height and width of a tile in cells; colors: the color bar, see `parts.color_bar`.
    """
    middles = np.array(corners) + (np.array(size) - 1) / 2
    look = {"yanchor": "bottom", "font": {"size": 11}}
    notes = [
        parts.note(name, x, row - 0.5, **look)
        for name, x, (row, _) in zip(names, middles[:, 1], corners, strict=True)
    ]
    numbers = np.arange(len(corners))
    y, x = middles.T
    more = {"text": list(hover), "customdata": numbers, "colors": colors}
    return notes, parts.targets(x, y, 20, "%{text}", **more)


def tile_grid(
    tiles: np.ndarray,
    names: Sequence[str],
    theme: str | None,
    scale: Scale = "shared",
    columns: int = 8,
    chosen: int | None = None,
    top: float | None = None,
    hover: Sequence[str] | None = None,
    width: int = WIDTH,
) -> go.Figure:
    """Return tiles row by row, each under its name, on a diverging scale centered on 0.

    tiles: (n, h, w) float, n >= 1; theme: `st.context.theme.type`; chosen: index of the tile to
    frame; hover: the hover text of each tile; width: pixels available on the page.
    scale: "shared" by all tiles, from -top to +top or the largest absolute value; or "local", from
    each tile's own largest absolute value. In Streamlit a point in the middle of each tile can be
    selected; its customdata holds the tile's index.
    """
    count, tall, wide = tiles.shape
    columns = min(columns, count)
    beside = max(1, round(0.1 * wide))
    cell = NARROWER * min(width, WIDTH) / (columns * (wide + beside) - beside)  # pixels, at least
    room = max(round((0.25 if columns <= 4 else 0.4) * tall), ceil(NAME / cell))  # for the names
    reach = largest(tiles, scale) if top is None else np.full((count, 1, 1), top)
    most = float(reach[0, 0, 0]) if scale == "shared" else 1.0
    canvas, corners = arrange(tiles / reach * most, columns, beside, room)
    unit = "" if scale == "shared" else "relative to each tile's largest"
    bar = _bar(most, theme, unit, min(240, round(NARROWER * width)))
    notes, targets = names_and_targets(corners, (tall, wide), names, hover or names, bar)
    height, across = canvas.shape
    pixels = round(min(width, WIDTH, TILE * columns) / across * height) + 16 + BAR
    return parts.figure(
        [parts.picture(canvas, style.diverging(theme), -most, most), targets],
        min(pixels, 900),
        parts.HIDDEN | {"range": [-0.5, across - 0.5]},
        # On a narrow page the grid is lower than the figure: the empty room is below it.
        parts.HIDDEN
        | {"range": [height - 0.5, -0.5], "scaleanchor": "x", "constraintoward": "top"},
        margin={"t": 8 + BAR},
        hoverdistance=-1,  # the whole tile reacts, not only its point
        showlegend=False,
        annotations=notes,
        shapes=[] if chosen is None else [parts.frame(*corners[chosen], tall, wide)],
    )


def _bar(most: float, theme: str | None, unit: str, length: int) -> style.Attributes:
    """Return the color bar of tiles from -most to +most, above them. length: in pixels.

    Beside them it would take a fifth of a phone's width.
    """
    place = {"orientation": "h", "y": 1, "yanchor": "bottom", "ypad": 0, "thickness": 10}
    place |= {"lenmode": "pixels", "len": length, "nticks": 5}
    title = {"text": unit or None, "side": "right"}
    return parts.color_bar(style.diverging(theme), -most, most, title=title, **place)
