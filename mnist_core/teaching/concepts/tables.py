"""Small tables of numbers that people type."""

import numpy as np

from mnist_core.utils.errors import MnistError

LARGEST = 999
"""The largest number, up or down, that a cell may hold."""


class TableError(MnistError):
    """Tables that cannot be computed with, or that do not fit each other."""


def checked(table: np.ndarray, name: str) -> np.ndarray:
    """The same table, once every cell has a number that can be used.

    table: (rows, columns), NaN where empty; name: for a person, such as "the kernel". Raises
    TableError naming the first bad cell, counted from 0.
    """
    for row, column in np.argwhere(~(np.abs(table) <= LARGEST)):
        found = table[row, column]
        received = "is empty" if np.isnan(found) else f"holds {found:g}"
        raise TableError(
            f"every cell of {name} needs a number between −{LARGEST} and {LARGEST}, but row {row}, "
            f"column {column} {received}: type a number there, 0 if you have no better idea"
        )
    return table
