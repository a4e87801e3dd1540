"""Small PNG images of layer outputs and probabilities; a Plotly figure for each would be slow."""

from base64 import b64encode
from io import BytesIO
from math import ceil, sqrt

import numpy as np
from PIL import Image
from plotly.colors import hex_to_rgb

from ui.charts import style

WIDTH = 96  # pixels on screen


def grid(vector: np.ndarray) -> np.ndarray:
    """Return a vector as a nearly square array, row by row; NaN fills the last row."""
    columns = ceil(sqrt(len(vector)))
    filled = np.full(ceil(len(vector) / columns) * columns, np.nan, np.float32)
    filled[: len(vector)] = vector
    return filled.reshape(-1, columns)


def picture(output: np.ndarray, theme: str | None) -> str:
    """Return a layer's output as the data URL of a small PNG.

    output: (h, w, c), of which up to 16 channels are drawn, or (units,), drawn as a square. All
    values share one diverging scale; empty cells are transparent.
    """
    tiles = grid(output)[None] if output.ndim == 1 else np.moveaxis(output, -1, 0)[:16]
    columns = ceil(sqrt(len(tiles)))
    height, width = tiles.shape[1:]
    wall = np.full((ceil(len(tiles) / columns) * (height + 1), columns * (width + 1)), np.nan)
    for number, tile in enumerate(tiles):
        row, column = number // columns * (height + 1), number % columns * (width + 1)
        wall[row : row + height, column : column + width] = tile
    wall = wall[:-1, :-1]
    zoom = max(1, WIDTH // max(wall.shape))
    pixels = np.kron(_colored(wall, theme), np.ones((zoom, zoom, 1), np.uint8))
    high, wide = pixels.shape[:2]
    square = np.zeros((max(high, wide), max(high, wide), 4), np.uint8)
    square[:high, :wide] = pixels
    return data_url(square)


def bars(shares: np.ndarray) -> str:
    """Return probabilities as the data URL of a small bar chart, the largest one highlighted.

    shares: (10,) in [0, 1].
    """
    step = WIDTH // len(shares)
    pixels = np.zeros((WIDTH, WIDTH, 4), np.uint8)
    for digit, share in enumerate(shares):
        color = style.TRAINING if share == shares.max() else style.NEUTRAL
        high = max(1, round(share * WIDTH))
        pixels[-high:, digit * step + 1 : (digit + 1) * step] = (*hex_to_rgb(color), 255)
    return data_url(pixels)


def paletted(values: np.ndarray, colors: style.ColorScale, low: float, high: float) -> str:
    """Return values as the data URL of a PNG with a pixel for each; NaN is transparent.

    values: (h, w); colors: a color scale from low to high.
    """
    at = 1 + np.rint(254 * np.clip((values - low) / (high - low), 0, 1))
    image = Image.fromarray(np.nan_to_num(at).astype(np.uint8), "P")
    palette = np.vstack([np.zeros(3), sampled(colors, np.linspace(0, 1, 255))])
    image.putpalette(palette.astype(np.uint8).tobytes())
    file = BytesIO()
    image.save(file, "PNG", transparency=0, optimize=True)
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"


def _colored(values: np.ndarray, theme: str | None) -> np.ndarray:
    """Return values as RGBA pixels (h, w, 4) uint8 on the diverging scale; NaN is transparent."""
    most = np.nanmax(np.abs(values)) or 1
    at = np.nan_to_num((values / most + 1) / 2)
    opacity = np.where(np.isnan(values), 0, 255)[..., None]
    return np.concatenate([sampled(style.diverging(theme), at), opacity], axis=-1).astype(np.uint8)


def sampled(colors: style.ColorScale, at: np.ndarray) -> np.ndarray:
    """Return the RGB values of a color scale at positions in [0, 1]: (..., 3) in [0, 255]."""
    stops, known = [stop for stop, _ in colors], np.array([hex_to_rgb(c) for _, c in colors])
    return np.stack([np.interp(at, stops, known[:, channel]) for channel in range(3)], axis=-1)


def data_url(pixels: np.ndarray) -> str:
    """Return pixels as a PNG in a data URL, for `st.image`.

    A file of Streamlit's would be fetched separately, and a rerun may have removed it by then.
    pixels: (h, w) or (h, w, 4) uint8.
    """
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG", compress_level=6)
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode()}"
