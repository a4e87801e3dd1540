"""Exports a set of digits, for other programs and for `importing.digit_files`.

The same set gives the same bytes: the members of a zip have no time.
"""

import gzip
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import pandas as pd
from PIL import Image

from mnist_core.dataset.digit_set import DigitSet, is_for_testing
from mnist_core.evaluation.tables import to_csv
from mnist_core.exporting import digit_card
from mnist_core.utils import idx
from mnist_core.utils.npz import pack

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip can state
_UNIX, _MODE = 3, 0o644 << 16
_LEVEL = 6  # of gzip: 9 takes far longer for 2 % less


@dataclass(frozen=True)
class DigitFormat:
    """One format: the ending of its files, its purpose, and what makes the bytes of a file."""

    ending: str
    words: str
    write: Callable[[DigitSet], bytes]


def _npz(digits: DigitSet) -> bytes:
    arrays: dict[str, np.ndarray] = {}
    for part, rows in _parts(digits).items():
        arrays[f"x_{part}"] = digits.images[rows]
        arrays[f"y_{part}"] = digits.labels[rows]
        arrays[f"writers_{part}"] = digits.writers[rows]
    return pack(arrays)


def _idx_zip(digits: DigitSet) -> bytes:
    files: dict[str, bytes] = {}
    for name, rows in zip(("train", "t10k"), _parts(digits).values(), strict=True):
        for kind, array in (
            ("images-idx3-ubyte", digits.images),
            ("labels-idx1-ubyte", digits.labels),
            ("writers-idx1-int", digits.writers),
        ):
            files[f"{name}-{kind}.gz"] = gzip.compress(idx.pack(array[rows]), _LEVEL, mtime=0)
    words = {
        "train-images-idx3-ubyte.gz": "the images for training, in the format of MNIST's own files",
        "train-labels-idx1-ubyte.gz": "their labels",
        "train-writers-idx1-int.gz": "their writers",
        "t10k-...": "the same for testing; t10k is what MNIST calls its 10,000 test images",
    }
    card = digit_card.of_set(digits, words, in_parts=True)
    return _zip({"README.md": card.encode(), **files})


def _png_zip(digits: DigitSet) -> bytes:
    files: dict[str, bytes] = {}
    rows: list[tuple[str, str, int, int]] = []
    for number, (image, label, writer, drawing) in enumerate(
        zip(digits.images, digits.labels, digits.writers, digits.drawings, strict=True), 1
    ):
        file = f"images/{label}/{number:05}.png"
        drawn = f"drawings/{number:05}.png" if drawing else ""
        files[file] = _png(image)
        if drawing:
            files[drawn] = drawing
        rows.append((file, drawn, int(label), int(writer)))
    table = pd.DataFrame(rows, columns=["file", "drawing", "label", "writer"])
    words = {
        "images/7/00001.png": "the first digit, a 7 here, as a network gets it: 28x28 pixels",
        "drawings/00001.png": "the same as it was drawn, if known",
        "labels.csv": "a row per digit: file, drawing, label, writer",
    }
    card = digit_card.of_set(digits, words, in_parts=False)
    return _zip({"README.md": card.encode(), "labels.csv": to_csv(table).encode(), **files})


DIGIT_FORMATS = {
    format.ending: format
    for format in (
        DigitFormat(
            ".npz",
            "NumPy arrays laid out as Keras's mnist.npz: x_train, y_train, x_test, y_test, with "
            "the writers. No writer is in both parts. Read it with np.load.",
            _npz,
        ),
        DigitFormat(
            ".idx.zip",
            "IDX files under MNIST's own names, for programs that read the original MNIST; with "
            "a data card. Unpack it first.",
            _idx_zip,
        ),
        DigitFormat(
            ".png.zip",
            "Pictures to look at: each digit as a network gets it and as it was drawn, with a "
            "table of labels and writers and a data card.",
            _png_zip,
        ),
    )
}
"""The formats of a set of digits by the ending of a file."""


def _parts(digits: DigitSet) -> dict[str, np.ndarray]:
    """Return which digits are in the parts train and test, (n,) bool each."""
    for_testing = is_for_testing(digits.writers)
    return {"train": ~for_testing, "test": for_testing}


def _png(image: np.ndarray) -> bytes:
    buffer = BytesIO()
    Image.fromarray(image).save(buffer, "PNG")
    return buffer.getvalue()


def _zip(files: Mapping[str, bytes]) -> bytes:
    """Return a zip of files by name."""
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            member = zipfile.ZipInfo(name, _EPOCH)
            member.create_system, member.external_attr = _UNIX, _MODE
            is_text = name.endswith((".md", ".csv"))  # the others are compressed already
            method = zipfile.ZIP_DEFLATED if is_text else zipfile.ZIP_STORED
            archive.writestr(member, data, method)
    return buffer.getvalue()
