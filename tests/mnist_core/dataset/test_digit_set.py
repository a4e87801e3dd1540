"""What a set of digits may be, and its two parts."""

import struct
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.dataset import mnist
from mnist_core.dataset.digit_set import (
    MOST_DIGITS,
    DigitSet,
    DigitSetError,
    has_bright_border,
    is_for_testing,
    png_size,
)
from tests.mnist_core.digit_sets import png, sample

GOOD = sample()
NONE = np.zeros(0, np.uint8)


def header(width: int, height: int) -> bytes:
    return png(np.zeros((1, 1), np.uint8))[:16] + struct.pack(">II", width, height)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"images": GOOD.images.astype(np.float32)}, r"images must be uint8 .* received float32"),
        ({"images": GOOD.images[:, :27]}, r"\(12, 28, 28\); received uint8 \(12, 27, 28\)"),
        ({"images": GOOD.images[:11]}, r"received uint8 \(11, 28, 28\)"),
        ({"labels": GOOD.labels.astype(np.int64)}, "labels must be uint8 .* received int64"),
        ({"labels": GOOD.labels + np.uint8(1)}, "0 to 9; received 10"),
        ({"labels": NONE}, "1 to 20,000 digits; received 0: add some"),
        ({"labels": np.zeros(MOST_DIGITS + 1, np.uint8)}, "received 20,001: take a part"),
        ({"labels": np.uint8(3)}, "received 0"),
        ({"writers": GOOD.writers.astype(np.int64)}, "writers must be int32"),
        ({"writers": GOOD.writers - np.int32(1)}, "from 1; received 0"),
        ({"drawings": GOOD.drawings[:-1]}, "received 11 for 12"),
        ({"drawings": (b"GIF89a",) * 12}, "must be a PNG file; received b'GIF89a'"),
        ({"drawings": (header(2049, 5),) * 12}, "1 to 2,048 pixels per side; received 2,049 x 5"),
        ({"drawings": (header(0, 5),) * 12}, "received 0 x 5"),
        ({"images": 255 - GOOD.images}, "border of 255 of 255 on average: invert"),
    ],
)
def test_what_is_no_set_is_refused_with_the_value(change, words):
    with pytest.raises(DigitSetError, match=words):
        replace(GOOD, **change)


def test_the_largest_set_is_one():
    full = np.ones(MOST_DIGITS, np.uint8)
    images = np.zeros((MOST_DIGITS, 28, 28), np.uint8)
    assert DigitSet(images, full, full.astype(np.int32), (b"",) * MOST_DIGITS).labels is full


def test_mnists_own_border_is_dark():
    data = mnist.load()
    for images in (data.x_train, data.x_test):
        assert not has_bright_border(images)
        assert images[:, 0].mean() < 0.1
    assert has_bright_border(255 - data.x_test[:1])


def test_the_border_is_the_outermost_pixels():
    image = np.full((1, 28, 28), 255, np.uint8)
    image[:, [0, 27]] = image[:, :, [0, 27]] = 0
    assert not has_bright_border(image)
    assert has_bright_border(255 - image)


def test_the_size_of_a_png_is_pillows():
    assert png_size(png(np.zeros((7, 300), np.uint8))) == (300, 7)
    assert png_size(b"\x89PNG\r\n\x1a\n") is None
    assert png_size(b"") is None


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ([10], {1}),
        ([3, 3], {2}),
        ([9, 1], {2}),
        ([7] * 5, {2}),
        ([5] * 7, {2, 7}),
        ([20, 0, 20, 1], {4}),  # none of the fifth ones wrote: the last
        ([0, 7], {2}),
        ([0, 7, 0, 0, 0, 0, 4], {7}),  # only fifth ones wrote
        ([10] * 30, {2, 7, 12, 17, 22, 27}),
    ],
)
def test_the_test_part_by_hand(counts, expected):
    """counts: the digits of the writers 1, 2, 3 and so on."""
    writers = np.repeat(np.arange(1, len(counts) + 1, dtype=np.int32), counts)
    assert {*writers[is_for_testing(writers)].tolist()} == expected


@given(st.lists(st.integers(1, 6) | st.just(2**31 - 1), min_size=1, max_size=40))
def test_no_writer_is_in_both_parts(numbers):
    chosen = is_for_testing(np.array(numbers, np.int32))
    test = {number for number, is_test in zip(numbers, chosen, strict=True) if is_test}
    train = {number for number, is_test in zip(numbers, chosen, strict=True) if not is_test}
    assert test
    assert not test & train
    assert bool(train) == (len({*numbers}) > 1)


@given(st.lists(st.integers(1, 40), min_size=1), st.lists(st.integers(1, 40)))
def test_a_part_stays_as_it_is_while_others_write(before, later):
    """From the second writer on, which is for testing."""
    parts = [is_for_testing(np.array([1, 2, *before, *more])) for more in ([], later)]
    assert parts[0].tolist() == parts[1][: len(parts[0])].tolist()
