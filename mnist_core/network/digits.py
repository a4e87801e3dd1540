"""The digits that a run learns, as text such as "5-9", and how many images MNIST has of each.

The numbers of writers are written the same way.
"""

import re
from collections.abc import Sequence

from mnist_core.network.value import SpecError
from mnist_core.utils.text import short_repr

TRAINING_COUNTS = (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949)
"""The images of each digit, 0 to 9, among the 60,000 of the training set, as published."""

TEST_COUNTS = (980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009)
"""The images of each digit, 0 to 9, among the 10,000 of the test set."""


def read_digits(text: str) -> tuple[int, ...]:
    """Return the digits in a text such as "5-9" or "0,2,4-6". Raises SpecError on other texts."""
    digits: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"\s*([0-9])\s*(?:[-\u2013]\s*([0-9])\s*)?", part)
        first, last = (found[1], found[2] or found[1]) if found else ("1", "0")
        if first > last:
            raise SpecError(
                "digits must be single digits or ranges, separated by commas; received "
                f"{short_repr(text, 40)}: write, for example, 5-9 or 0,1,7"
            )
        digits += range(int(first), int(last) + 1)
    return tuple(digits)


def read_writers(text: str, most: int) -> tuple[int, ...]:
    """Return the numbers in a text such as "1,3-9"; empty for other texts.

    Also empty for more than `most` numbers, since a few characters can name billions.
    """
    numbers: list[int] = []
    for part in text.split(","):
        found = re.fullmatch(r"([0-9]{1,10})(?:-([0-9]{1,10}))?", part)
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        if not first <= last < first + most - len(numbers):
            return ()
        numbers += range(first, last + 1)
    return tuple(numbers)


def write_digits(digits: Sequence[int]) -> str:
    """Return numbers in ascending order as text, three or more in a row as a range: "0,1,5-9"."""
    runs: list[list[int]] = []
    for digit in digits:
        if runs and digit == runs[-1][-1] + 1:
            runs[-1].append(digit)
        else:
            runs.append([digit])
    return ",".join(
        f"{run[0]}-{run[-1]}" if len(run) > 2 else ",".join(map(str, run)) for run in runs
    )
