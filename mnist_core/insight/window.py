"""Where a window that slides over an image stands, and what it covers there."""

from dataclasses import dataclass
from math import ceil

import numpy as np

from mnist_core.layers import Padding


@dataclass(frozen=True, eq=False)
class Window:
    """What a sliding window covers at one position.

    values: (k, k, c), 0 where it lies outside of the input; inside: (k, k) bool; top, left: the
    input's row and column under the window's first cell, negative in the padding.
    """

    values: np.ndarray
    inside: np.ndarray
    top: int
    left: int


def window_at(
    inputs: np.ndarray, size: int, strides: int, padding: Padding, row: int, column: int
) -> Window:
    """The window of size x size for an output position. inputs: (h, w, c)."""
    height, width, channels = inputs.shape
    top = _start(height, size, strides, padding, row)
    left = _start(width, size, strides, padding, column)
    rows, columns = top + np.arange(size), left + np.arange(size)
    fit_rows = (rows >= 0) & (rows < height)
    fit_columns = (columns >= 0) & (columns < width)
    inside = fit_rows[:, None] & fit_columns
    values = np.zeros((size, size, channels))
    values[inside] = inputs[np.ix_(rows[fit_rows], columns[fit_columns])].reshape(-1, channels)
    return Window(values, inside, top, left)


def _start(side: int, size: int, strides: int, padding: Padding, position: int) -> int:
    """Where a window begins along one side; an odd zero of `same` padding goes to the end."""
    zeros = 0
    if padding == "same":
        zeros = max(0, (ceil(side / strides) - 1) * strides + size - side)
    return position * strides - zeros // 2
