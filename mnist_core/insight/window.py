"""The window of a convolution or a pooling at one output position."""

from dataclasses import dataclass

import numpy as np

from mnist_core.network.layers import Padding
from mnist_core.network.layers.sliding import zeros


@dataclass(frozen=True, eq=False)
class Window:
    """The part of the input that a window covers at one position.

    values: (k, k, c), 0 in the padding; inside: (k, k) bool, False in the padding; top, left: row
    and column of the window's first cell in the input, negative in the padding; zeros: number of
    rows that padding adds above the input, and of columns left of the input.
    """

    values: np.ndarray
    inside: np.ndarray
    top: int
    left: int
    strides: int
    zeros: tuple[int, int]


def window_at(
    inputs: np.ndarray, size: int, strides: int, padding: Padding, row: int, column: int
) -> Window:
    """Return the window of size x size for an output position. inputs: (h, w, c)."""
    height, width, channels = inputs.shape
    above, beside = (zeros(side, size, strides, padding)[0] for side in (height, width))
    top, left = row * strides - above, column * strides - beside
    rows, columns = top + np.arange(size), left + np.arange(size)
    fit_rows = (rows >= 0) & (rows < height)
    fit_columns = (columns >= 0) & (columns < width)
    inside = fit_rows[:, None] & fit_columns
    values = np.zeros((size, size, channels))
    values[inside] = inputs[np.ix_(rows[fit_rows], columns[fit_columns])].reshape(-1, channels)
    return Window(values, inside, top, left, strides, (above, beside))
