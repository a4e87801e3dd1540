"""Pooling of one image, with the winner of every window; NumPy only."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mnist_core.teaching.concepts.convolution import KERNELS, slide

Kind = Literal["max", "average"]

NOTES = np.array([[5, 1, 3, 6], [2, 9, 2, 2], [2, 2, 4, 2], [5, 1, 3, np.nan]])
"""The table of the course notes; NaN is its unknown x."""

EDGES = KERNELS[0].weights
"""A kernel that finds vertical edges, paper on the left and ink on the right."""


@dataclass(frozen=True, eq=False)
class Pooled:
    """A pooled image. inputs: (h, w) float64; values: (m, n) float64.

    winners: (m, n, 2) int, row and column in the input of the value that each window passed on,
    the first of equals; None for an average.
    """

    inputs: np.ndarray
    size: int
    stride: int
    values: np.ndarray
    winners: np.ndarray | None

    @property
    def left_out(self) -> tuple[int, int]:
        """Rows at the bottom and columns on the right that no window reaches."""
        high, wide = (
            side - ((count - 1) * self.stride + self.size)
            for side, count in zip(self.inputs.shape, self.values.shape, strict=True)
        )
        return max(high, 0), max(wide, 0)

    def window(self, row: int, column: int) -> np.ndarray:
        """Return the window of the output at (row, column): (size, size)."""
        top, left = row * self.stride, column * self.stride
        return self.inputs[top : top + self.size, left : left + self.size]


def pool(inputs: np.ndarray, kind: Kind, size: int, stride: int) -> Pooled:
    """Pool with `valid` padding, as Keras does by default.

    inputs: (h, w), finite, both sides at least `size`; stride: at least 1.
    """
    windows = sliding_window_view(inputs, (size, size))[::stride, ::stride]
    if kind == "average":
        return Pooled(inputs, size, stride, windows.mean(axis=(2, 3)), None)
    best = windows.reshape(*windows.shape[:2], -1).argmax(axis=-1)
    corner = stride * np.moveaxis(np.indices(best.shape), 0, -1)
    winners = corner + np.stack(np.divmod(best, size), axis=-1)
    return Pooled(inputs, size, stride, windows.max(axis=(2, 3)), winners)


def needed(window: np.ndarray, kind: Kind, wanted: float) -> tuple[float, float] | None:
    """Return the least and largest x for which a window pools to `wanted`, None if none does.

    window: (k, k) with NaN where x stands, at least once; the least may be minus infinity.
    """
    known = window[~np.isnan(window)]
    if kind == "average":
        x = float((wanted * window.size - known.sum()) / (window.size - known.size))
        return x, x
    rest = float(known.max()) if known.size else -np.inf
    if wanted < rest:
        return None
    return (-np.inf if wanted == rest else wanted), wanted


def shift(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return a shifted image; paper, 0, comes in, and pixels that leave are lost. image: (h, w)."""
    (height, width), (above, before) = image.shape, (max(-down, 0), max(-right, 0))
    padded = np.pad(image, ((max(down, 0), above), (max(right, 0), before)))
    return padded[above : above + height, before : before + width]


def edges(image: np.ndarray) -> np.ndarray:
    """Return a feature map like those of a network: `EDGES` slid over an image, then ReLU.

    image: (h, w) in [0, 1]; returns float64 (h - 2, w - 2), 0 to 3.
    """
    return np.maximum(slide(image, EDGES).output, 0)


@dataclass(frozen=True)
class Change:
    """The difference of two images of one shape: changed values, and all values.

    share: the sum of all |differences| over the sum of the first image's values; 0 without any.
    """

    changed: int
    values: int
    share: float


def change(before: np.ndarray, after: np.ndarray) -> Change:
    """Compare two images of values that are not negative. before, after: (h, w)."""
    total = float(before.sum())
    share = float(np.abs(after - before).sum()) / total if total else 0.0
    return Change(int((~np.isclose(before, after, atol=1e-12)).sum()), before.size, share)
