"""Which digit a person is asked to write next."""

import random
from collections.abc import Mapping

from mnist_core.network.layers import CLASSES

Prompt = tuple[int, int]
"""A digit, and the round in which it is asked for, from 1."""


def prompts(person: str, rounds: int) -> list[Prompt]:
    """Return all ten digits in each round, in an order that only the person's name decides."""
    found: list[Prompt] = []
    for number in range(1, rounds + 1):
        order = list(range(CLASSES))
        random.Random(f"{person} {number}").shuffle(order)
        found += [(digit, number) for digit in order]
    return found


def next_prompt(
    person: str, rounds: int, written: Mapping[int, int], skipped: Mapping[int, int]
) -> Prompt | None:
    """Return what a person is to write next, None when nothing is left.

    written, skipped: how often the person wrote and skipped each digit.
    """
    for digit, number in prompts(person, rounds):
        if written.get(digit, 0) + skipped.get(digit, 0) < number:
            return digit, number
    return None
