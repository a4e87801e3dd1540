"""Sets of digits come back as they were written, and a bad file gives a sentence."""

import io
import random
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from mnist_core.dataset.digit_set import DigitSet, DigitSetError
from mnist_core.dataset.mnist import SHAPES
from mnist_core.exporting.digit_files import DIGIT_FORMATS
from mnist_core.importing.digit_files import max_megabytes, read_digits
from tests.mnist_core.digit_sets import digit_sets, npz, rows, sample, unzipped, zipped

WRITTEN = {ending: format.write(sample()) for ending, format in DIGIT_FORMATS.items()}


@settings(max_examples=30, deadline=None)
@given(digit_sets())
def test_pictures_come_back_in_their_order(digits):
    data = DIGIT_FORMATS[".png.zip"].write(digits)
    assert rows(read_digits("a.png.zip", data)) == rows(digits)


@pytest.mark.parametrize("ending", [".npz", ".idx.zip"])
def test_arrays_come_back_without_drawings(ending):
    @settings(max_examples=20, deadline=None)
    @given(digit_sets())
    def come_back(digits):
        found = read_digits(f"a{ending}", DIGIT_FORMATS[ending].write(digits))
        without = [(*row[:3], b"") for row in rows(digits)]
        assert sorted(rows(found)) == sorted(without)

    come_back()


@pytest.mark.parametrize("ending", DIGIT_FORMATS)
def test_the_name_does_not_matter(ending):
    assert len(read_digits("download (1).zip", WRITTEN[ending]).labels) == 12


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "of at most 50 MB that is not empty; received 0.0 MB"),
        (b"PK" + bytes(50 * 2**20), "received 50.0 MB: save fewer digits"),
        (b"\x80\x04\x95 a pickle", "received 'all digits.npz': choose a set"),
        (b"\x89PNG\r\n\x1a\n", "received 'all digits.npz'"),
        (zipped({"a.txt": b"words"}), r"a zip of \['a.txt'\]"),
        (zipped({"config.json": b"{}"}), r"a zip of \['config.json'\]"),
        (zipped({}), "an .npz file or a zip"),
        *((data[: len(data) // 2], "damaged") for data in WRITTEN.values()),
    ],
)
def test_other_files_are_refused(data, words):
    with pytest.raises(DigitSetError, match=words) as caught:
        read_digits("../all digits.npz", data)
    assert len(str(caught.value)) < 300


def test_the_limit_of_a_hosted_server_counts(hosted):
    assert max_megabytes() == 50
    hosted(max_upload_mb=1)
    assert max_megabytes() == 1
    with pytest.raises(DigitSetError, match="at most 1 MB"):
        read_digits("a.npz", bytes(2**20 + 1))


def test_two_parts_may_not_have_too_many_digits_together():
    blank, ones = np.zeros((10_001, 784), np.uint8), np.ones(10_001, np.uint8)
    data = npz(x_train=blank, y_train=ones, x_test=blank, y_test=ones)
    with pytest.raises(DigitSetError, match="received 20,002"):
        read_digits("a.npz", data)


def test_dark_on_light_is_inverted():
    digits = sample()
    images = digits.images.reshape(12, 784)
    found = read_digits("a.npz", npz(x=255 - images, y=digits.labels))
    np.testing.assert_array_equal(found.images, digits.images)


def test_random_damage_gives_a_set_or_a_sentence():
    rng = random.Random(1)
    for _ in range(600):
        data = bytearray(rng.choice([*WRITTEN.values()]))
        reach = rng.choice((200, len(data)))
        for _ in range(rng.choice((1, 1, 3, 20))):
            place = rng.randrange(reach)
            data[rng.choice((place, -place - 1)) % len(data)] = rng.randrange(256)
        with suppress(DigitSetError):
            assert isinstance(read_digits("a.zip", bytes(data)), DigitSet)


def test_random_damage_inside_whole_zips_gives_a_set_or_a_sentence():
    """The checksums of the zip are right, so that each reader sees the damage."""
    rng = random.Random(2)
    for _ in range(600):
        files = unzipped(rng.choice([*WRITTEN.values()]))
        name = rng.choice([*files])
        data = bytearray(files[name])
        for _ in range(rng.choice((1, 2, 5))):
            data[rng.randrange(min(len(data), rng.choice((130, 10**6))))] = rng.randrange(256)
        files[name] = bytes(data[: rng.choice((len(data), rng.randrange(len(data))))])
        with suppress(DigitSetError):
            assert isinstance(read_digits("a.zip", zipped(files)), DigitSet)


def test_as_many_digits_as_mnist_has_are_too_many():
    """In a file as Keras's mnist.npz, of blank images."""
    file = io.BytesIO()
    arrays: dict[str, Any] = {name: np.zeros(shape, np.uint8) for name, shape in SHAPES.items()}
    np.savez_compressed(file, **arrays)
    with pytest.raises(DigitSetError, match="1 to 20,000 digits; received 60,000: take a part"):
        read_digits("mnist.npz", file.getvalue())
