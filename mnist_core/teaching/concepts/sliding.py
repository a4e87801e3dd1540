"""Where a window stops on its way along one side of an image: padding, stride, output size."""

from dataclasses import dataclass

import numpy as np

from mnist_core.network.layers.sliding import positions, zeros
from mnist_core.utils.errors import MnistError


class WindowError(MnistError):
    """A window that does not fit even once."""


@dataclass(frozen=True)
class Sliding:
    """One side of an image with its padding, and the window's stops on it.

    n: pixels; k: width of the window; s: stride; before, after: zeros added at the two ends;
    outputs: number of stops. Height and width of a square image behave alike.
    """

    n: int
    k: int
    s: int
    before: int
    after: int
    outputs: int

    @property
    def starts(self) -> np.ndarray:
        """The window's first pixel at every stop, negative in the padding: (outputs,) int."""
        return np.arange(self.outputs) * self.s - self.before

    @property
    def reads(self) -> np.ndarray:
        """How many stops read each cell, padding included: (before + n + after,) int."""
        cells = self.starts[:, None] + self.before + np.arange(self.k)
        return np.bincount(cells.ravel(), minlength=self.before + self.n + self.after)

    @property
    def unread(self) -> np.ndarray:
        """The pixels of the image that no window reads, counted from 0."""
        return np.flatnonzero(self.reads[self.before : self.before + self.n] == 0)


def padded(n: int, k: int, s: int, p: int) -> Sliding:
    """p zeros at both ends, none for Keras's `valid`: floor((n + 2p - k) / s) + 1 outputs.

    Raises WindowError where the window is wider than the image with its padding.
    """
    if n + 2 * p < k:
        room = f"{n} pixels a side" + (f" and 2 · {p} zeros of padding" if p else "")
        raise WindowError(
            f"a window of {k} × {k} needs at least {k} pixels a side; received {room}: choose a "
            "smaller kernel, a larger input, or `same` padding"
        )
    return Sliding(n, k, s, p, p, (n + 2 * p - k) // s + 1)


def same(n: int, k: int, s: int) -> Sliding:
    """Keras's `same`: ceil(n / s) outputs, with as many zeros as that takes.

    These are max((ceil(n / s) - 1) s + k - n, 0); an odd one goes to the end, bottom or right.
    """
    return Sliding(n, k, s, *zeros(n, k, s, "same"), positions(n, k, s, "same"))
