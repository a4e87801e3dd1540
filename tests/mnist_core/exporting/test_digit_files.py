"""Exported sets of digits, read as other programs read MNIST."""

import csv
import gzip
import io
import struct
import time
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from PIL import Image

from mnist_core.exporting.digit_files import DIGIT_FORMATS
from tests.mnist_core.digit_sets import DRAWINGS, digit_sets, rows, sample, unzipped


def as_keras_loads(data: bytes) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
    """What keras.datasets.mnist.load_data does with its file, line by line."""
    with np.load(io.BytesIO(data), allow_pickle=False) as f:
        x_train, y_train = f["x_train"], f["y_train"]
        x_test, y_test = f["x_test"], f["y_test"]
        return (x_train, y_train), (x_test, y_test)


def as_idx_is_described(data: bytes) -> np.ndarray:
    """An IDX file by its published description; the magic number is 2049, 2051 or that of ints."""
    (magic,) = struct.unpack(">i", data[:4])
    sides = {2049: 1, 2051: 3, 0x0C01: 1}[magic]
    shape = struct.unpack(f">{sides}i", data[4 : 4 + 4 * sides])
    values = np.frombuffer(data[4 + 4 * sides :], ">i4" if magic == 0x0C01 else ">u1")
    return values.reshape(shape)


@settings(max_examples=30, deadline=None)
@given(digit_sets())
def test_npz_is_read_as_keras_reads_its_mnist(digits):
    data = DIGIT_FORMATS[".npz"].write(digits)
    parts = as_keras_loads(data)
    for images, labels in parts:
        assert (images.dtype, labels.dtype) == (np.uint8, np.uint8)
        assert images.shape == (*labels.shape, 28, 28)
    with np.load(io.BytesIO(data), allow_pickle=False) as file:
        writers = [file["writers_train"], file["writers_test"]]
    assert not {*writers[0].tolist()} & {*writers[1].tolist()}
    found = [
        (image.tobytes(), label, writer)
        for (images, labels), numbers in zip(parts, writers, strict=True)
        for image, label, writer in zip(images, labels, numbers, strict=True)
    ]
    assert sorted(found) == sorted(row[:3] for row in rows(digits))


@settings(max_examples=20, deadline=None)
@given(digit_sets())
def test_idx_files_hold_the_same_as_npz(digits):
    files = unzipped(DIGIT_FORMATS[".idx.zip"].write(digits))
    with np.load(io.BytesIO(DIGIT_FORMATS[".npz"].write(digits)), allow_pickle=False) as file:
        for name, part in (("train", "train"), ("t10k", "test")):
            for kind, array in (
                ("images-idx3-ubyte", f"x_{part}"),
                ("labels-idx1-ubyte", f"y_{part}"),
                ("writers-idx1-int", f"writers_{part}"),
            ):
                unpacked = gzip.decompress(files.pop(f"{name}-{kind}.gz"))
                np.testing.assert_array_equal(as_idx_is_described(unpacked), file[array])
    assert [*files] == ["README.md"]


def test_pictures_and_their_table():
    digits = sample()
    files = unzipped(DIGIT_FORMATS[".png.zip"].write(digits))
    table = [*csv.DictReader(files.pop("labels.csv").decode().splitlines())]
    assert [*table[0]] == ["file", "drawing", "label", "writer"]
    assert [int(row["label"]) for row in table] == digits.labels.tolist()
    assert [int(row["writer"]) for row in table] == digits.writers.tolist()
    for row, image in zip(table, digits.images, strict=True):
        assert row["file"].split("/")[:2] == ["images", row["label"]]
        np.testing.assert_array_equal(Image.open(io.BytesIO(files.pop(row["file"]))), image)
    drawn = [files.pop(row["drawing"]) if row["drawing"] else b"" for row in table]
    assert drawn == [*digits.drawings]
    assert {*drawn} == {*DRAWINGS}
    assert [*files] == ["README.md"]


@pytest.mark.parametrize("ending", DIGIT_FORMATS)
def test_the_same_set_gives_the_same_bytes_at_any_time(ending, monkeypatch):
    first = DIGIT_FORMATS[ending].write(sample())
    later = time.time() + 10**6
    monkeypatch.setattr(time, "time", lambda: later)
    assert DIGIT_FORMATS[ending].write(sample()) == first
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {member.date_time for member in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    assert DIGIT_FORMATS[ending].ending == ending


def test_an_unpacked_file_can_be_read_by_everybody():
    with zipfile.ZipFile(io.BytesIO(DIGIT_FORMATS[".png.zip"].write(sample()))) as archive:
        assert {member.external_attr >> 16 for member in archive.infolist()} == {0o644}


def test_the_digits_of_one_writer_are_all_for_testing():
    digits = sample(4, writers=1)
    (images, labels), test = as_keras_loads(DIGIT_FORMATS[".npz"].write(digits))
    assert images.shape == (0, 28, 28)
    assert labels.shape == (0,)
    np.testing.assert_array_equal(test[0], digits.images)
