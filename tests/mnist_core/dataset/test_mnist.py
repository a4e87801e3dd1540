"""The embedded data set is the published one, and the splits are what they say."""

import hashlib
import io
import re
import struct
import subprocess
import sys

import numpy as np
import pytest
from sklearn.model_selection import StratifiedKFold

from mnist_core.dataset import mnist
from mnist_core.dataset.mnist import DatasetError
from mnist_core.network.spec import Split
from tests.helpers import PROJECT

PUBLISHED = {
    "x_train": "6bbc9ace898e44ae57da46a324031adb",
    "y_train": "a25bea736e30d166cdddb491f175f624",
    "x_test": "2646ac647ad5339dbf082846283269ea",
    "y_test": "27ae3e4e09519cfbb04c329615203637",
}


def idx_bytes(array: np.ndarray) -> bytes:
    """The IDX file format: a magic number with type and rank, the sizes, then the bytes."""
    sizes = struct.pack(f">{array.ndim}I", *array.shape)
    return bytes([0, 0, 8, array.ndim]) + sizes + array.tobytes()


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_arrays_are_the_published_idx_files(name):
    array = getattr(mnist.load(), name)
    assert hashlib.md5(idx_bytes(array)).hexdigest() == PUBLISHED[name]


def test_the_images_that_the_course_notes_show():
    data = mnist.load()
    assert data.y_train[7_777] == 8
    assert data.y_test[0] == 7


def test_the_arrays_are_loaded_once_and_read_only():
    data = mnist.load()
    assert mnist.load() is data
    with pytest.raises(ValueError, match="read-only"):
        data.x_train[0, 0, 0] = 1


def test_what_is_written_to_a_mapped_array_changes_neither_file_nor_data_set():
    array = mnist.read(mnist.FOLDER, "x_test")
    array[0] = 255
    assert mnist.load().x_test[0].min() == 0
    assert mnist.read(mnist.FOLDER, "x_test")[0].min() == 0


@pytest.mark.skipif(sys.platform != "linux", reason="Linux tells mapped files from other memory")
def test_the_images_are_mapped_and_not_copied_into_the_memory_of_each_process():
    code = (
        "from pathlib import Path; from mnist_core.dataset import mnist\n"
        "def own(): return next(int(line.split()[1]) for line in "
        "Path('/proc/self/smaps_rollup').read_text().splitlines() if 'Anonymous' in line)\n"
        "before = own(); mnist.load().x_train.sum(); print(own() - before)"
    )
    kilobytes = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=PROJECT
    ).stdout
    assert int(kilobytes) < 5_000  # x_train alone has 47,000


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DatasetError, match=r"x_train\.npy is missing: put back"):
        mnist.read(tmp_path, "x_train")


def npz_bytes() -> bytes:
    file = io.BytesIO()
    np.savez(file, x=np.zeros(3))
    return file.getvalue()


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:50],
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: b"not an array at all",
        lambda data: npz_bytes(),
        lambda data: data.replace(b"}", b" ", 1),
        lambda data: data.replace(b"'shape': (", b"'shape': [", 1),
        lambda data: data.replace(b"'descr'", b"'desc' ", 1),
        lambda data: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 10128\n",
    ],
    ids=[
        "empty",
        "cut header",
        "cut in half",
        "last byte gone",
        "text",
        "zip file",
        "no brace",
        "bracket",
        "other key",
        "LFS pointer",
    ],
)
def test_a_damaged_file_is_named(tmp_path, damage):
    path = tmp_path / "y_test.npy"
    path.write_bytes(damage((mnist.FOLDER / path.name).read_bytes()))
    with pytest.raises(DatasetError, match=r"y_test\.npy is damaged"):
        mnist.read(tmp_path, "y_test")


def test_arrays_of_other_shapes_or_types_are_refused(tmp_path):
    for wrong in (np.zeros(3, np.uint8), np.zeros(10_000)):
        np.save(tmp_path / "y_test.npy", wrong)
        received = re.escape(f"must hold uint8 (10000,); received {wrong.dtype} {wrong.shape}")
        with pytest.raises(DatasetError, match=rf"y_test\.npy is damaged \(it {received}"):
            mnist.read(tmp_path, "y_test")


@pytest.mark.parametrize(
    ("split", "train", "validation"),
    [
        (Split(kind="last", count=10_000), range(50_000), range(50_000, 60_000)),
        (Split(kind="fraction", fraction=0.2), range(48_000), range(48_000, 60_000)),
        (Split(kind="none"), range(60_000), range(0)),
        (Split(kind="test"), range(60_000), range(10_000)),
        (Split(kind="last", count=200, limit=1000), range(800), range(800, 1000)),
        (Split(kind="test", limit=1000), range(1000), range(10_000)),
    ],
)
def test_splits(split, train, validation):
    parts = mnist.partition(split)
    np.testing.assert_array_equal(parts.train, np.arange(train.start, train.stop))
    np.testing.assert_array_equal(parts.validation, np.arange(len(validation)) + validation.start)
    assert parts.leaks == (split.kind == "test")


def test_folds_are_scikit_learns_and_cover_every_image_once():
    labels = mnist.load().y_train[:2000]
    expected = StratifiedKFold(4, shuffle=True, random_state=3).split(labels, labels)
    seen = []
    for number, (train, validation) in enumerate(expected, 1):
        parts = mnist.partition(Split(kind="fold", folds=4, fold=number, seed=3, limit=2000))
        np.testing.assert_array_equal(parts.train, train)
        np.testing.assert_array_equal(parts.validation, validation)
        shares = mnist.class_counts(labels[parts.validation])
        assert np.abs(shares - mnist.class_counts(labels) / 4).max() <= 1
        seen.extend(parts.validation)
    assert sorted(seen) == list(range(2000))


@pytest.mark.parametrize("limit", [None, 30, 2_000])
@pytest.mark.parametrize(
    "kind",
    [
        {"kind": "last", "count": 10},
        {"kind": "fraction"},
        {"kind": "test"},
        {"kind": "none"},
        {"kind": "fold", "fold": 3, "seed": 8},
    ],
    ids=lambda kind: kind["kind"],
)
def test_a_split_of_some_digits_is_that_split_of_the_data_without_the_others(kind, limit):
    digits, data = (2, 3, 7), mnist.load()
    split = Split(**kind, limit=limit, digits=digits)
    mine = np.array([row for row, label in enumerate(data.y_train) if label in digits])[:limit]
    match split.kind:
        case "last":
            train, validation = mine[:-10], mine[-10:]
        case "fraction":
            train, validation = np.split(mine, [int(len(mine) * 0.8)])
        case "test" | "none":
            train, validation = mine, mine[:0]
        case "fold":
            folds = StratifiedKFold(5, shuffle=True, random_state=8)
            rows, held_out = list(folds.split(mine, data.y_train[mine]))[2]
            train, validation = mine[rows], mine[held_out]
    if kind["kind"] == "test":
        validation = [row for row, label in enumerate(data.y_test) if label in digits]
    parts = mnist.partition(split)
    np.testing.assert_array_equal(parts.train, train)
    np.testing.assert_array_equal(parts.validation, validation)
    assert split.images == len(mine)
    assert split.training_images == len(parts.train)
    assert split.test_images == np.isin(data.y_test, digits).sum()
    if split.kind != "test":
        assert split.held_out == len(parts.validation)


@pytest.mark.filterwarnings("error")
def test_folds_of_few_images_where_a_digit_is_rare():
    parts = mnist.partition(Split(kind="fold", limit=50))
    assert sorted([*parts.train, *parts.validation]) == list(range(50))
    assert len(parts.validation) == 10


def test_statistics_against_a_plain_loop():
    data = mnist.load()
    images, labels = data.x_test[:300], data.y_test[:300]
    means = mnist.mean_images(images, labels)
    for digit in range(10):
        chosen = [image for image, label in zip(images, labels, strict=True) if label == digit]
        assert mnist.class_counts(labels)[digit] == len(chosen)
        np.testing.assert_allclose(means[digit], np.mean(chosen, axis=0), rtol=1e-5)
    histogram = mnist.pixel_histogram(images)
    assert histogram.sum() == images.size
    assert histogram[0] == (images == 0).sum()
    np.testing.assert_array_equal(mnist.one_hot(labels).argmax(axis=1), labels)
    assert mnist.one_hot(np.array([3])).tolist() == [[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]]


def test_the_mean_of_an_absent_digit_is_blank():
    means = mnist.mean_images(np.full((1, 28, 28), 7, np.uint8), np.array([4]))
    assert means[4].min() == 7
    assert means[5].max() == 0
