"""Small tables of numbers that people type."""

import numpy as np

from mnist_core.errors import MnistError


class TableError(MnistError):
    """A table that cannot be computed with."""


def whole(values: np.ndarray, name: str) -> np.ndarray:
    """The same table, once every cell has a number. values: (rows, columns), NaN where empty.

    Raises TableError naming the first empty cell, counted from 0.
    """
    for row, column in np.argwhere(~np.isfinite(values)):
        raise TableError(
            f"every cell of {name} needs a number, but row {row}, column {column} is empty: type "
            "one, 0 if you have no better idea"
        )
    return values
