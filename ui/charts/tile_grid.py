"""Many small maps in one figure, as a grid of tiles: kernels, feature maps or saliency maps."""

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from ui.charts import parts, style

Scale = Literal["shared", "local"]

WIDTH = 600  # pixels: the largest width that the height is computed for
TILE = 105  # pixels per column
BAR = 36  # pixels above the tiles for the color bar


def largest(tiles: np.ndarray, scale: Scale) -> np.ndarray:
    """Return the largest absolute value of all tiles or of each tile: (n, 1, 1), never 0."""
    values = np.abs(tiles).max(axis=(1, 2), keepdims=True)
    if scale == "shared":
        values = np.full_like(values, values.max())
    return np.where(values > 0, values, 1)


def columns_for(count: int) -> int:
    """Return the number of columns for `count` tiles: 4 for up to 16 tiles, 8 at most."""
    return 4 if count <= 16 else min(8, ceil(sqrt(count)))


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
    corners: Corners, size: tuple[int, int], names: Sequence[str], hover: Sequence[str]
) -> tuple[list[style.Attributes], style.Attributes]:
    """Return a name above each tile, and a point in each, to hover over and to click.

    size: height and width of a tile in cells.
    """
    middles = np.array(corners) + (np.array(size) - 1) / 2
    look = {"yanchor": "bottom", "font": {"size": 11}}
    notes = [
        parts.note(name, x, row - 0.5, **look)
        for name, x, (row, _) in zip(names, middles[:, 1], corners, strict=True)
    ]
    numbers = np.arange(len(corners))
    y, x = middles.T
    return notes, parts.targets(x, y, 20, "%{text}", text=list(hover), customdata=numbers)


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
    above = max(1, round((0.25 if columns <= 4 else 0.4) * tall))  # room for the names
    reach = largest(tiles, scale) if top is None else np.full((count, 1, 1), top)
    most = float(reach[0, 0, 0]) if scale == "shared" else 1.0
    canvas, corners = arrange(tiles / reach * most, columns, beside, above)
    notes, targets = names_and_targets(corners, (tall, wide), names, hover or names)
    height, across = canvas.shape
    pixels = round(min(width, WIDTH, TILE * columns) / across * height) + 16 + BAR
    unit = "" if scale == "shared" else "relative to each tile's largest"
    return parts.figure(
        [_heat(canvas, most, theme, unit), targets],
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


def _heat(canvas: np.ndarray, most: float, theme: str | None, unit: str) -> style.Attributes:
    """Return all cells on a scale from -most to +most; NaN is transparent. canvas: (h, w)."""
    # Above the tiles, since beside them it would take a fifth of a phone's width.
    bar = {
        "title": {"text": unit or None, "side": "right"},
        "orientation": "h",
        "thickness": 10,
        "lenmode": "pixels",
        "len": 240,
        "nticks": 5,
        "y": 1,
        "yanchor": "bottom",
        "ypad": 0,
    }
    colors = style.diverging(theme)
    return parts.heatmap(canvas, colors, -most, most, None, showscale=True, colorbar=bar)
