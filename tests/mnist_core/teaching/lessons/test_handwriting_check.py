"""The task to write all ten digits: whose digits count, and which are missing."""

import numpy as np
import pytest

from mnist_core.storage import handwriting
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import LOCAL
from mnist_core.teaching.lessons.handwriting_check import HandwritingCheck

IMAGE = np.ones((28, 28), np.uint8)


def write(store: Store, person: str, labels: range) -> None:
    for label in labels:
        handwriting.add(store, person, label, IMAGE, b"")


def test_in_a_class_ones_own_digits_count():
    check = HandwritingCheck(kind="handwriting", digits=10)
    anna, ben = (Store("class", visitor=name) for name in ("anna", "ben"))
    write(anna, "anna", range(9))
    write(ben, "ben", range(9, 10))
    verdict = check.evaluate(anna)
    assert not verdict.passed
    assert verdict.words.startswith("9 digits of 10 so far; still missing: 9:")
    write(anna, "anna", range(9, 10))
    assert check.evaluate(anna).passed
    assert not check.evaluate(ben).passed


def test_on_a_laptop_everybodys_digits_count():
    store = Store(LOCAL)
    write(store, "one session", range(5))
    write(store, "another", range(5, 10))
    assert HandwritingCheck(kind="handwriting", digits=10).evaluate(store).passed


@pytest.mark.parametrize("label", [0, 9])
def test_many_of_one_digit_do_not_make_up_for_a_missing_one(label):
    store = Store("class", visitor="anna")
    for _ in range(12):
        write(store, "anna", range(label, label + 1))
    verdict = HandwritingCheck(kind="handwriting", digits=10).evaluate(store)
    assert not verdict.passed
    assert str(9 - label) in verdict.words
