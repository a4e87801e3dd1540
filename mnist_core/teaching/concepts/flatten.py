"""Where flatten puts each value: row by row, the channels of one pixel side by side."""

import numpy as np

from mnist_core.network.layers import Shape


def index(place: Shape, shape: Shape) -> int:
    """(h W + w) C + c. place: (h, w, c) inside of shape (H, W, C), all counted from 0."""
    (h, w, c), (_, width, channels) = place, shape
    return (h * width + w) * channels + c


def place(number: int, shape: Shape) -> Shape:
    """The way back: (h, w, c) of a position 0 to H W C - 1. shape: (H, W, C)."""
    pixel, c = divmod(number, shape[2])
    return *divmod(pixel, shape[1]), c


def indices(shape: Shape) -> np.ndarray:
    """Where every value of a block lands: (H, W, C) int."""
    return np.arange(np.prod(shape)).reshape(shape)
