"""A dense layer on a handful of numbers: Z = XW + b; NumPy only."""

from dataclasses import dataclass

import numpy as np

from mnist_core.teaching.concepts.tables import TableError, checked


@dataclass(frozen=True, eq=False)
class Dense:
    """x: (batch, in), w: (in, out), b: (out,) and z: (batch, out), all float64."""

    x: np.ndarray
    w: np.ndarray
    b: np.ndarray
    z: np.ndarray

    @property
    def parameters(self) -> int:
        """in * out weights and out biases; the batch does not count."""
        return self.w.size + self.b.size


def dense(x: np.ndarray, w: np.ndarray, b: np.ndarray) -> Dense:
    """Z = XW + b, b added to every row. Shapes as in `Dense`; raises TableError."""
    if x.shape[1] != len(w) or w.shape[1:] != b.shape:
        raise TableError(
            "X needs as many columns as W has rows, and b a number for each column of W; received "
            f"X {x.shape}, W {w.shape}, b {b.shape}: change the shapes"
        )
    for values, name in ((x, "X"), (w, "W"), (b[np.newaxis], "b")):
        checked(values, name)
    return Dense(x, w, b, x @ w + b)
