"""Arrays of other people: their layouts, and what is wrong with them."""

import gzip
import io
import struct

import numpy as np
import pytest

from mnist_core.importing.digit_files import read_digits
from tests.mnist_core.digit_sets import check_refusal, npz, sample, zipped

GOOD = sample()
X, Y = GOOD.images, GOOD.labels
FLAT = X.reshape(12, 784)


def idx(array: np.ndarray, code: int = 8) -> bytes:
    """An IDX file, made by its description."""
    return struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape) + array.tobytes()


@pytest.mark.parametrize(
    ("images", "labels"),
    [
        (X, Y),
        (FLAT, Y),
        (X[..., None], Y),
        (X.astype(np.int64), Y.astype(np.int64)),
        (X.astype(">u2"), Y.astype(">i4")),
        (np.asfortranarray(X), Y),
        (X / np.float32(255), Y),
        (X / 255, Y.astype(np.int8)),
        ((FLAT / 255).astype(">f8"), Y),
    ],
)
def test_every_layout_gives_the_same_images(images, labels):
    for names in (("x_train", "y_train"), ("x_test", "y_test"), ("x", "y"), ("images", "labels")):
        found = read_digits("a.npz", npz(**dict(zip(names, (images, labels), strict=True))))
        np.testing.assert_array_equal(found.images, X)
        np.testing.assert_array_equal(found.labels, Y)
        assert found.writers.tolist() == [1] * 12
        assert found.drawings == (b"",) * 12


def test_booleans_are_black_and_white():
    found = read_digits("a.npz", npz(x=X > 127, y=Y))
    np.testing.assert_array_equal(found.images, np.where(X > 127, 255, 0))


def test_compressed_and_in_two_parts():
    file = io.BytesIO()
    parts = {"x_test": X[8:], "y_test": Y[8:], "x_train": X[:8], "y_train": Y[:8]}
    np.savez_compressed(file, names=np.array(["Ada"]), allow_pickle=False, **parts)
    found = read_digits("a.npz", file.getvalue())
    np.testing.assert_array_equal(found.images, X)
    file = npz(**parts, writers_train=np.arange(8) + 1, writers_test=np.full(4, 9, np.uint8))
    assert read_digits("a.npz", file).writers.tolist() == [*range(1, 9), 9, 9, 9, 9]


def test_writers_of_one_part_alone_are_not_enough():
    file = npz(x_test=X, y_test=Y, x_train=X, y_train=Y, writers_train=np.arange(12) + 1)
    assert read_digits("a.npz", file).writers.tolist() == [1] * 24


def raw(header: str, data: bytes = b"") -> bytes:
    """An .npy file with any header, and labels beside it."""
    text = header.encode("latin1")
    array = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + data
    return zipped({"x.npy": array, "y.npy": npy(Y)})


def npy(array: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def stated(shape: object, dtype: str = "|u1") -> str:
    return f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}"


OBJECTS = np.array([{"a": 1}] * 12, dtype=object)
BAD = {
    "pickled images": (npz(x=OBJECTS, y=Y), r"'x.npy' must have the shape"),
    "pickled labels": (npz(x=X, y=OBJECTS), "'y.npy' must hold integers; received 'object'"),
    "pickled pixels": (raw(stated((1, 784), "|O"), b"\x80\x04."), "received 'object'"),
    "no names": (npz(a=X, b=Y), r"must hold x_train and y_train, .* received \['a', 'b'\]"),
    "no labels": (npz(x_train=X, y=Y), "'x_train' without y_train"),
    "no images": (npz(y_test=Y), "'y_test' without x_test"),
    "shape": (npz(x=X[:, :27], y=Y), r"\(n, 28, 28 or n, 28, 28, 1 or n, 784\); received \(12, 27"),
    "one image": (npz(x=X[0], y=Y), r"received \(28, 28\)"),
    "number": (npz(x=np.uint8(1), y=Y), r"received \(\)"),
    "one-hot": (
        npz(x=X, y=np.eye(10)[Y]),
        r"'y.npy' .* received \(12, 10\): reshape it, or take arg",
    ),
    "float labels": (npz(x=X, y=Y * 1.0), "integers; received 'float64'"),
    "text": (npz(x=np.full((1, 784), "a"), y=Y), "integers or floats; received 'str32'"),
    "complex": (npz(x=FLAT * 1j, y=Y), "received 'complex128'"),
    "dates": (npz(x=FLAT.astype("M8[s]"), y=Y), "integers or floats"),
    "record": (npz(x=np.zeros((1, 784), "u1,u1"), y=Y), "integers or floats"),
    "label 10": (npz(x=X, y=Y + 1), "a label must be 0 to 9; received 10"),
    "label -1": (npz(x=X, y=Y.astype(int) - 1), "received -1"),
    "writer 0": (npz(x=X, y=Y, writers=Y * 0), "a writer must be 1 to 2,147,483,647; received 0"),
    "writer": (npz(x=X, y=Y, writers=np.full(12, 2**31)), "received 2147483648"),
    "fewer labels": (npz(x=X, y=Y[:11]), "a label; received 12 images and 11 labels"),
    "fewer writers": (npz(x=X, y=Y, writers=Y[:3] + 1), "12 images and 3 writers"),
    "pixel 256": (npz(x=X.astype(int) + 1, y=Y), "a pixel must be 0 to 255; received 256"),
    "pixel -1": (npz(x=X.astype(int) - 1, y=Y), "received -1"),
    "floats to 255": (npz(x=X * 1.0, y=Y), "floats must be 0 to 1; received"),
    "nan": (npz(x=X * np.nan, y=Y), "received nan"),
    "infinite": (npz(x=X + np.inf, y=Y), "received inf"),
    "empty": (npz(x=X[:0], y=Y[:0]), "received 0"),
    "many": (npz(x=np.zeros((20_001, 784), np.uint8), y=Y), "received 20,001"),
    "more than stated": (raw(stated((1, 784)), bytes(785)), "784 bytes .* received more"),
    "less than stated": (raw(stated((20_000, 784), "<f8"), bytes(9)), "125,440,000 .* received 9"),
    "huge": (raw(stated((10**30, 784))), "received 1,000,000,000"),
    "negative": (raw(stated((-1, 784))), r"received \(-1, 784\)"),
    "deep": (raw("(" * 9000), "damaged"),
    "long": (raw(" " * 20_000), "damaged"),
    "code": (raw("__import__('os').abort()"), "damaged"),
    "no dtype": (raw(stated((1, 784), "no such")), "damaged"),
    "not npy": (zipped({"x.npy": b"words", "y.npy": b""}), "damaged"),
}
IMAGES, LABELS = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
ZEROS = gzip.compress(bytes(200 * 2**20))
BAD |= {
    f"idx {name}": (zipped(files), words)
    for name, (files, words) in {
        "alone": ({IMAGES: idx(X)}, f"'{IMAGES}' without a file of labels"),
        "labels alone": ({LABELS: idx(Y)}, f"'{LABELS}' without a file of images"),
        "type": ({IMAGES: idx(X, 13), LABELS: idx(Y)}, "damaged"),
        "swapped": ({IMAGES: idx(Y), LABELS: idx(X)}, r"received \(12,\)"),
        "cut": ({IMAGES: idx(X)[:-1], LABELS: idx(Y)}, "9,408 bytes .* received 9,407"),
        "longer": ({IMAGES: idx(X) + b"0", LABELS: idx(Y)}, "received more"),
        "MNIST": ({IMAGES: struct.pack(">4i", 2051, 60_000, 28, 28), LABELS: b""}, "60,000"),
        "label": ({IMAGES: idx(X), LABELS: idx(Y + 1)}, "received 10"),
        "cut gzip": ({f"{IMAGES}.gz": gzip.compress(idx(X))[:-9], LABELS: idx(Y)}, "end mark"),
        "no gzip": ({f"{IMAGES}.gz": idx(X), LABELS: idx(Y)}, "damaged"),
        "gzip bomb": ({f"{IMAGES}.gz": ZEROS, LABELS: idx(Y)}, "damaged"),
        "gzip bomb of labels": ({IMAGES: idx(X), f"{LABELS}.gz": ZEROS}, "damaged"),
        "twice": ({IMAGES: idx(X), f"{IMAGES}.gz": b"", LABELS: idx(Y)}, "one file of images"),
    }.items()
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_arrays_give_a_sentence_and_take_no_memory(name):
    data, words = BAD[name]
    check_refusal(data, words, 350)


@pytest.mark.parametrize(
    "names",
    [
        ("{}-images-idx3-ubyte", "{}-labels-idx1-ubyte"),
        ("{}-images.idx3-ubyte", "{}-labels.idx1-ubyte"),
        ("mnist/{}-images-idx3-ubyte", "mnist/{}-labels-idx1-ubyte"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_idx_files_under_the_names_in_use(names, packed):
    files = {
        name.format(part): idx(array[rows])
        for part, rows in (("train", slice(8)), ("t10k", slice(8, None)))
        for name, array in zip(names, (X, Y), strict=True)
    }
    if packed:
        files = {f"{name}.gz": gzip.compress(data) for name, data in files.items()}
    found = read_digits("a.zip", zipped(dict(reversed(files.items()))))
    np.testing.assert_array_equal(found.images, X)
    np.testing.assert_array_equal(found.labels, Y)
    assert found.writers.tolist() == [1] * 12


def test_idx_files_without_a_part():
    found = read_digits("a.zip", zipped({"labels-idx1-ubyte": idx(Y), "images-idx3-ubyte": idx(X)}))
    np.testing.assert_array_equal(found.images, X)
