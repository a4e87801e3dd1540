"""A dense layer on a handful of numbers: Z = XW + b; NumPy only."""

from dataclasses import dataclass

import numpy as np

from mnist_core.teaching.concepts.tables import checked


@dataclass(frozen=True, eq=False)
class Dense:
    """x: (batch, in), w: (in, out), b: (out,) and z: (batch, out), all float64."""

    x: np.ndarray
    w: np.ndarray
    b: np.ndarray
    z: np.ndarray

    @property
    def parameters(self) -> int:
        """Return the count of in * out weights and out biases; the batch does not count."""
        return self.w.size + self.b.size


def dense(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> Dense:
    """Return Z = XW + b, b added to every row. Shapes as in `Dense`; TableError on empty cells."""
    for values, name in ((x, "X"), (w, "W"), (b[np.newaxis], "b")):
        checked(values, name)
    return Dense(x, w, b, x @ w + b)
