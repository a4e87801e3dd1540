"""Reads sets of digits from files: those of `exporting.digit_files` and others laid out as MNIST.

A file is read in memory only: none of it is written to the disk, run or unpickled.
"""

import csv
import tokenize

import numpy as np

from mnist_core.dataset.digit_set import DigitSet, DigitSetError, check_count, has_bright_border
from mnist_core.importing import zips
from mnist_core.importing.digit_archive import Archive, Part
from mnist_core.importing.digit_arrays import IDX_NAME, read_idx, read_npz
from mnist_core.importing.digit_pictures import read_pictures
from mnist_core.importing.errors import file_name
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import short_repr

MAX_BYTES = 50 * 2**20

_DAMAGE = (*zips.DAMAGE, csv.Error, tokenize.TokenError, SyntaxError, MemoryError)
"""What reading a damaged file may raise: NumPy parses the header of an array as Python."""


def read_digits(name: str, data: bytes) -> DigitSet:
    """Return the set of digits of an uploaded file. Raises DigitSetError.

    name: the file's name, for messages; what the file holds decides how it is read:

    - an .npz file with x_train and y_train, x_test and y_test, x and y, or images and labels;
      images are (n, 28, 28), (n, 28, 28, 1) or (n, 784), integers 0 to 255 or floats 0 to 1;
    - a zip of IDX files, plain or .gz, named like MNIST's: train-images-idx3-ubyte;
    - a zip of PNG files of 28x28 pixels with a table (CSV) of the columns file and label and, where
      known, writer and drawing; or without a table each in a folder named by its digit, 0 to 9.

    All parts of a file become one set, training before test. Where writers are unknown, the file
    counts as one writer, 1. Images that are dark on light as a whole (`has_bright_border`) are
    inverted; drawings stay as they are.
    """
    _check_size(len(data))
    try:
        return _join(_read(name, data))
    except _DAMAGE as error:
        raise DigitSetError(
            "a set of digits must be a whole file; received one that is damaged "
            f"({short_repr(str(error))}): copy it or save it again"
        ) from None


def max_megabytes() -> int:
    """Return the most MB (2**20 bytes) that a file may have on this server, for widgets."""
    return server_settings().upload_mb(MAX_BYTES // 2**20)


def _check_size(size: int) -> None:
    most = max_megabytes()
    if not 0 < size <= most * 2**20:
        raise DigitSetError(
            f"a set of digits must be a file of at most {most} MB that is not empty; received "
            f"{size / 2**20:.1f} MB: {'save fewer digits' if size else 'save it again'}"
        )


def _read(name: str, data: bytes) -> list[Part]:
    if not data.startswith(b"PK"):
        raise _unknown(name)
    archive = Archive(data)
    if any(file.endswith(".npy") for file in archive.names):
        return [*read_npz(archive)]
    if any(map(IDX_NAME.fullmatch, archive.names)):
        return [*read_idx(archive)]
    if any(file.lower().endswith(".png") for file in archive.names):
        return [*read_pictures(archive)]
    raise _unknown(name, f", a zip of {short_repr(archive.names)}")


def _unknown(name: str, what: str = "") -> DigitSetError:
    return DigitSetError(
        "a set of digits must be an .npz file or a zip of IDX or PNG files; received "
        f"{short_repr(file_name(name))}{what}: choose a set that this app exported, or one laid "
        "out as MNIST"
    )


def _join(parts: list[Part]) -> DigitSet:
    """Return the digits of all parts as one set, ink bright."""
    images = np.concatenate([part.images for part in parts])
    check_count(len(images))
    if has_bright_border(images):
        images = 255 - images
    writers = [part.writers for part in parts if part.writers is not None]
    known = len(writers) == len(parts)
    return DigitSet(
        images,
        np.concatenate([part.labels for part in parts]),
        np.concatenate(writers) if known else np.ones(len(images), np.int32),
        tuple(drawing for part in parts for drawing in part.drawings),
    )
