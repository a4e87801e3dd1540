"""How often a window fits along one side of an image, and the zeros that padding adds."""

from math import ceil
from typing import Literal

Padding = Literal["valid", "same"]


def positions(side: int, window: int, step: int, padding: Padding) -> int:
    """Return how often a window fits: `same` n / s, rounded up; `valid` (n - k) / s + 1, down."""
    return ceil(side / step) if padding == "same" else (side - window) // step + 1


def zeros(side: int, window: int, step: int, padding: Padding) -> tuple[int, int]:
    """Return the zeros before and after a side; an odd one of `same` goes to the end."""
    if padding == "valid":
        return 0, 0
    added = max((positions(side, window, step, padding) - 1) * step + window - side, 0)
    return added // 2, added - added // 2
