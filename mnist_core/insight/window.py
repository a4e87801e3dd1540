"""Where a window that slides over an image stands, and what it covers there."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from mnist_core.network.layers import Padding


@dataclass(frozen=True, eq=False)
class Window:
    """What a sliding window covers at one position.

    values: (k, k, c), 0 where it lies outside of the input; inside: (k, k) bool; top, left: the
    input's row and column under the window's first cell, negative in the padding; zeros: rows
    above the input and columns left of it that padding adds.
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
    """The window of size x size for an output position. inputs: (h, w, c)."""
    height, width, channels = inputs.shape
    above, beside = (_before(side, size, strides, padding) for side in (height, width))
    top, left = row * strides - above, column * strides - beside
    rows, columns = top + np.arange(size), left + np.arange(size)
    fit_rows = (rows >= 0) & (rows < height)
    fit_columns = (columns >= 0) & (columns < width)
    inside = fit_rows[:, None] & fit_columns
    values = np.zeros((size, size, channels))
    values[inside] = inputs[np.ix_(rows[fit_rows], columns[fit_columns])].reshape(-1, channels)
    return Window(values, inside, top, left, strides, (above, beside))


def _before(side: int, size: int, strides: int, padding: Padding) -> int:
    """Zeros before the first value along one side; an odd one of `same` padding goes to the end."""
    if padding == "valid":
        return 0
    return max(0, (ceil(side / strides) - 1) * strides + size - side) // 2
