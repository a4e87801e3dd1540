"""Backward passes through a convolution and through pooling, on one small image; NumPy only.

"error" is the gradient of the loss with respect to the output of the layer, sent back by the next.
"""

from collections.abc import Callable

import numpy as np

from mnist_core.teaching.concepts.backpropagation import slope
from mnist_core.teaching.concepts.convolution import SlidingProduct, slide
from mnist_core.teaching.concepts.pooling import Pooled

KERNEL = np.arange(1.0, 10.0).reshape(3, 3)
"""A kernel to begin with, on which a half turn is easy to see."""

CONVOLUTION_ERROR = np.array([[1.0, 0.0, -1.0], [0.0, 2.0, 0.0], [0.0, 0.0, 1.0]])
POOLING_ERROR = np.array([[2.0, -1.0], [0.0, 1.0]])
"""Errors to begin with."""


def kernel_gradient(image: np.ndarray, error: np.ndarray) -> SlidingProduct:
    """Return the correlation of the input with the error, whose output is the kernel's gradient.

    image: (h, w); error: (h - k + 1, w - k + 1), of a correlation with a kernel (k, k).
    """
    return slide(image, error)


def image_gradient(error: np.ndarray, kernel: np.ndarray) -> SlidingProduct:
    """Return the full convolution of error and kernel, whose output is the input's gradient.

    Its image is the error with k - 1 zeros around it, its laid kernel is turned by 180 degrees.
    error: (m, n); kernel: (k, k); the output is (m + k - 1, n + k - 1).
    """
    return slide(np.pad(error, len(kernel) - 1), kernel, flip=True)


def pooling_gradient(pooled: Pooled, error: np.ndarray) -> np.ndarray:
    """Return the gradient of the input of a pooling: (h, w).

    The winner of a window gets its whole error; in an average, each value gets the same share.
    error: (m, n), like the pooled values.
    """
    gradient = np.zeros_like(pooled.inputs)
    for row, column in np.ndindex(error.shape):
        if pooled.winners is None:
            top, left = row * pooled.stride, column * pooled.stride
            window = gradient[top : top + pooled.size, left : left + pooled.size]
            window += error[row, column] / pooled.size**2
        else:
            gradient[tuple(pooled.winners[row, column])] += error[row, column]
    return gradient


def measured_slope(
    layer: Callable[[np.ndarray], np.ndarray],
    values: np.ndarray,
    error: np.ndarray,
    place: tuple[int, int],
) -> float:
    """Return how fast the loss rises with one value, by measuring it.

    The loss is the sum of error times output, whose gradient at the output is the error. layer:
    returns the output for other values.
    """
    return slope(lambda moved: float((error * layer(moved)).sum()), values, place)
