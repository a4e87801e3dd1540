"""Digits as text, and the published number of images of each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.dataset import mnist
from mnist_core.network.digits import TEST_COUNTS, TRAINING_COUNTS, read_digits, write_digits
from mnist_core.network.value import SpecError


@pytest.mark.parametrize(
    ("text", "digits"),
    [("5-9", (5, 6, 7, 8, 9)), ("0,2, 4 \u2013 6", (0, 2, 4, 5, 6)), ("3", (3,)), ("7-7", (7,))],
)
def test_a_text_is_read(text, digits):
    assert read_digits(text) == digits


@pytest.mark.parametrize("text", ["", "a", "5-", "9-5", "10", "1;2", "0,,1", "\u0665"])
def test_another_text_is_refused_with_the_value(text):
    with pytest.raises(SpecError, match=r"received .*: write, for example, 5-9 or 0,1,7"):
        read_digits(text)


@pytest.mark.parametrize(
    ("digits", "text"),
    [((5, 6, 7, 8, 9), "5-9"), ((0, 1), "0,1"), ((0, 2, 4, 5, 6, 8, 9), "0,2,4-6,8,9")],
)
def test_three_in_a_row_are_a_range(digits, text):
    assert write_digits(digits) == text


@given(st.sets(st.integers(0, 9), min_size=1).map(sorted))
def test_what_is_written_is_read_back(digits):
    assert list(read_digits(write_digits(digits))) == digits


def test_the_counts_are_those_of_the_data():
    data = mnist.load()
    assert tuple(np.bincount(data.y_train)) == TRAINING_COUNTS
    assert tuple(np.bincount(data.y_test)) == TEST_COUNTS
