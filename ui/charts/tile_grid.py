"""Many small maps in one figure, as a grid of tiles: kernels or feature maps."""

from collections.abc import Sequence
from math import ceil, sqrt
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from ui.charts import style

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
    rows = ceil(count / columns)
    beside = max(1, round(0.1 * wide))
    above = max(1, round((0.25 if columns <= 4 else 0.4) * tall))  # room for the names
    down, across = tall + above, wide + beside
    reach = largest(tiles, scale) if top is None else np.full((count, 1, 1), top)
    most = float(reach[0, 0, 0]) if scale == "shared" else 1.0
    canvas = np.full((rows * down, columns * across - beside), np.nan, np.float32)
    corners = [
        (number // columns * down + above, number % columns * across) for number in range(count)
    ]
    for tile, (row, column) in zip(tiles / reach * most, corners, strict=True):
        canvas[row : row + tall, column : column + wide] = tile
    middles = np.array(corners) + np.array([(tall - 1) / 2, (wide - 1) / 2])
    layout = _layout(*canvas.shape, min(width, WIDTH, TILE * columns)) | {
        "annotations": _words(names, middles[:, 1], [row - 0.5 for row, _ in corners]),
        "shapes": [] if chosen is None else [style.frame(*corners[chosen], tall, wide)],
    }
    drawn = _heat(canvas, most, theme, "" if scale == "shared" else "of each tile's largest")
    return go.Figure({"data": [drawn, _points(middles, hover or names)], "layout": layout})


def _heat(canvas: np.ndarray, most: float, theme: str | None, unit: str) -> dict[str, object]:
    """Return all cells on a scale from -most to +most; NaN is transparent. canvas: (h, w)."""
    return {
        "type": "heatmap",
        "z": canvas,
        "zmin": -most,
        "zmax": most,
        "colorscale": style.diverging(theme),
        # Above the tiles, since beside them it would take a fifth of a phone's width.
        "colorbar": {
            "title": {"text": unit or None, "side": "right"},
            "orientation": "h",
            "thickness": 10,
            "lenmode": "pixels",
            "len": 240,
            "nticks": 5,
            "y": 1,
            "yanchor": "bottom",
            "ypad": 0,
        },
        "hoverinfo": "skip",
    }


def _points(middles: np.ndarray, words: Sequence[str]) -> dict[str, object]:
    """Return an invisible point in each tile, to hover over and to click. middles: (n, 2)."""
    unseen = {"marker": {"opacity": 0}}
    return {
        "type": "scatter",
        "x": middles[:, 1],
        "y": middles[:, 0],
        "customdata": np.arange(len(middles)),
        "mode": "markers",
        "marker": {"symbol": "square", "size": 20, "opacity": 0},
        "selected": unseen,
        "unselected": unseen,
        "text": list(words),
        "hovertemplate": "%{text}<extra></extra>",
    }


def _words(names: Sequence[str], x: np.ndarray, y: Sequence[float]) -> list[dict]:
    """Return a name above each tile, as annotations."""
    font = {"size": 11}
    return [
        {"x": at, "y": top, "yanchor": "bottom", "text": name, "showarrow": False, "font": font}
        for name, at, top in zip(names, x, y, strict=True)
    ]


def _layout(height: int, width: int, room: int) -> dict[str, object]:
    """Return the layout, with square cells.

    height, width: of the whole grid in cells; room: its width in pixels.
    """
    pixels = round(room / width * height) + 16 + BAR
    hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
    return style.layout(min(pixels, 900)) | {
        "margin": {"l": 8, "r": 8, "t": 8 + BAR, "b": 8},
        "hoverdistance": -1,  # the whole tile reacts, not only its point
        "showlegend": False,
        "xaxis": hidden | {"range": [-0.5, width - 0.5]},
        # On a narrow page the grid is lower than the figure: the empty room is below it.
        "yaxis": hidden
        | {"range": [height - 0.5, -0.5], "scaleanchor": "x", "constraintoward": "top"},
    }
