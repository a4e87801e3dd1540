"""Small tables of numbers that people type."""

import numpy as np

from mnist_core.utils.errors import MnistError

LARGEST = 999
"""The largest number, up or down, that a cell may hold."""


class TableError(MnistError):
    """A table with an invalid cell, or tables whose shapes do not fit."""


def checked(table: np.ndarray, name: str) -> np.ndarray:
    """Return the table if every cell holds a valid number.

    table: (rows, columns), NaN where empty; name: for a person, such as "the kernel". Raises
    TableError naming the first bad cell, counted from 0.
    """
    for row, column in np.argwhere(~(np.abs(table) <= LARGEST)):
        found = table[row, column]
        received = "is empty" if np.isnan(found) else f"holds {found:g}"
        raise TableError(
            f"every cell of {name} needs a number between −{LARGEST} and {LARGEST}, but row "
            f"{row}, column {column} {received}: type a number there, such as 0"
        )
    return table
