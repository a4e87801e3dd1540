"""Where flatten puts each value: row by row, the channels of one pixel side by side."""

import numpy as np

from mnist_core.network.layers import Shape


def index(place: Shape, shape: Shape) -> int:
    """Return (h W + w) C + c. place: (h, w, c) inside of shape (H, W, C), all counted from 0."""
    return int(np.ravel_multi_index(place, shape))


def place(number: int, shape: Shape) -> Shape:
    """Return (h, w, c) of a position 0 to H W C - 1. shape: (H, W, C)."""
    return tuple(map(int, np.unravel_index(number, shape)))


def indices(shape: Shape) -> np.ndarray:
    """Return where every value of a block lands: (H, W, C) int."""
    return np.arange(np.prod(shape)).reshape(shape)
