"""One filter of a convolution over several channels: a sum per channel, their total and a bias."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mnist_core.teaching.concepts.convolution import slide
from mnist_core.teaching.concepts.pooling import pool

COLORS = ("red", "green", "blue")
PATCH = np.stack(
    [
        [[1, 1, 0, 0, 1], [1, 1, 0, 0, 1], [1, 1, 0, 0, 1], [1, 1, 0, 0, 0], [1, 1, 0, 0, 0]],
        [[0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [1, 1, 1, 1, 0], [1, 1, 1, 1, 0]],
        [[0, 0, 1, 1, 1], [0, 0, 1, 1, 1], [0, 0, 1, 1, 1], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]],
    ],
    axis=-1,
).astype(float)
"""(5, 5, 3) in [0, 1]: a red, a blue and a white area above a yellow, a green and a black one."""

_RISE = np.array([[-1, 0, 1]] * 3, float)
_MIDDLE = np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], float)
FILTERS = {
    "Red to blue": np.stack([-_RISE, 0 * _RISE, _RISE], axis=-1),
    "Dark to bright": np.stack([_RISE] * 3, axis=-1),
    "Green alone": np.stack([-_MIDDLE, 2 * _MIDDLE, -_MIDDLE], axis=-1),
}
"""Kernels by name, (3, 3, 3): the last axis is the channel that a slice is laid on."""
BIAS = -1.0
"""Bias by the name of the kernel."""


@dataclass(frozen=True, eq=False)
class Filtered:
    """The output of one filter, with the sums behind it, all float64.

    inputs: (h, w, c); kernel: (k, k, c); sums: (h - k + 1, w - k + 1, c), a sum of products per
    channel; output: (h - k + 1, w - k + 1), the sums of all channels and the bias.
    """

    inputs: np.ndarray
    kernel: np.ndarray
    bias: float
    sums: np.ndarray
    output: np.ndarray

    def products(self, row: int, column: int) -> np.ndarray:
        """Return each pixel times its weight at a place of the output: (k, k, c)."""
        size = len(self.kernel)
        return self.inputs[row : row + size, column : column + size] * self.kernel


def apply(inputs: np.ndarray, kernel: np.ndarray, bias: float) -> Filtered:
    """Slide a filter over its input, with stride 1 and no padding. Shapes as in `Filtered`."""
    channels = range(inputs.shape[-1])
    slid = [slide(inputs[..., channel], kernel[..., channel]).output for channel in channels]
    sums = np.stack(slid, axis=-1)
    return Filtered(inputs, kernel, bias, sums, sums.sum(axis=-1) + bias)


def second_layer_input(image: np.ndarray, weights: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return what the second convolution of note-5 reads: (13, 13, 8) float64, at least 0.

    That is the image after the first convolution, ReLU and max pooling. image: (28, 28) in [0, 1];
    weights: by name, as a run keeps them.
    """
    kernel, bias = (weights[f"conv2d_1/{part}"].astype(float) for part in ("kernel", "bias"))
    maps = [
        np.maximum(slide(image, kernel[..., 0, number]).output + bias[number], 0)
        for number in range(len(bias))
    ]
    return np.stack([pool(each, "max", 2, 2).values for each in maps], axis=-1)
