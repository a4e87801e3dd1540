"""Reads digits out of the arrays of an .npz file or of IDX files."""

import re
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO
from math import prod
from typing import IO

import numpy as np

from mnist_core.dataset.digit_set import MOST_DIGITS, DigitSetError, check_count
from mnist_core.dataset.mnist import SIDE
from mnist_core.importing.digit_archive import Archive, Part
from mnist_core.network.layers import CLASSES
from mnist_core.utils import idx
from mnist_core.utils.text import short_repr

PAIRS = (
    ("x_train", "y_train", "writers_train"),
    ("x_test", "y_test", "writers_test"),
    ("x", "y", "writers"),
    ("images", "labels", "writers"),
)
"""The names of images, labels and writers in an .npz file."""
IDX_NAME = re.compile(r"(.*?)(images|labels|writers)[-._]?idx[^/]*", re.IGNORECASE)
"""The path of an IDX file, such as train-images-idx3-ubyte.gz: the start names its part."""

_SHAPES = ((SIDE, SIDE), (SIDE, SIDE, 1), (SIDE * SIDE,))
_MOST_IDX = 16 + MOST_DIGITS * SIDE**2  # bytes: header and values
_BLOCK = 1000  # images that are converted at a time, since floats need up to 16 times the memory
_AGAIN = "write the file again"


def read_npz(archive: Archive) -> Iterator[Part]:
    """Yield the digits of an .npz file, a part per pair of PAIRS. Raises DigitSetError."""
    arrays = {name.removesuffix(".npy"): name for name in archive.names}
    found = False
    for names in PAIRS:
        images, labels, writers = (arrays.get(name) for name in names)
        if images and labels:
            found = True
            yield _part(archive, (images, labels, writers), _open_npy)
        elif images or labels:
            raise _no_partner(*((names[0], names[1]) if images else (names[1], names[0])))
    if not found:
        pairs = ", ".join(f"{x} and {y}" for x, y, _ in PAIRS)
        raise DigitSetError(
            f"an .npz file must hold {pairs}; received {short_repr([*arrays])}: save it with "
            "np.savez('digits.npz', x=images, y=labels)"
        )


def read_idx(archive: Archive) -> Iterator[Part]:
    """Yield the digits of IDX files, those for training first. Raises DigitSetError."""
    parts: dict[str, dict[str, str]] = {}
    for name in archive.names:
        if match := IDX_NAME.fullmatch(name):
            files = parts.setdefault(match[1], {})
            if (kind := match[2].lower()) in files:
                raise DigitSetError(
                    f"a part must have one file of {kind}; received {short_repr(files[kind])} and "
                    f"{short_repr(name)}: keep one of them"
                )
            files[kind] = name
    for _, files in sorted(parts.items(), key=lambda part: "train" not in part[0].lower()):
        images, labels = files.get("images"), files.get("labels")
        if not (images and labels):
            there = next(iter(files.values()))
            raise _no_partner(there, "a file of " + ("labels" if images else "images"))
        yield _part(archive, (images, labels, files.get("writers")), _open_idx)


def _no_partner(there: str, missing: str) -> DigitSetError:
    return DigitSetError(
        f"images and labels must come together; received {short_repr(there)} without {missing}: "
        "add it"
    )


_Opened = tuple[np.dtype, tuple[int, ...], bool, IO[bytes]]
"""Dtype, shape, whether the first side changes fastest, and the file at its values."""


_Opener = Callable[[Archive, str], _Opened]


def _part(archive: Archive, names: tuple[str, str, str | None], opener: _Opener) -> Part:
    """Return the digits of arrays of images, of labels and, if there is one, of writers."""
    images = _to_images(_read(archive, names[0], opener, _SHAPES, "buif"))
    labels = _whole(_read(archive, names[1], opener, ((),), "ui"), "a label", 0, CLASSES - 1)
    writers = None
    if names[2]:
        writers = _read(archive, names[2], opener, ((),), "ui")
        writers = _whole(writers, "a writer", 1, 2**31 - 1).astype(np.int32)
    for values, word in ((labels, "label"), (writers, "writer")):
        if values is not None and len(values) != len(images):
            raise DigitSetError(
                f"each image must have a {word}; received {len(images):,} images and "
                f"{len(values):,} {word}s: {_AGAIN} with both of the same length"
            )
    return Part(images, labels.astype(np.uint8), writers, (b"",) * len(images))


def _read(
    archive: Archive,
    name: str,
    opener: _Opener,
    allowed: tuple[tuple[int, ...], ...],
    kinds: str,
) -> np.ndarray:
    """Return an array. allowed: its shapes without the first side; kinds: of its dtype."""
    dtype, shape, fortran, file = opener(archive, name)
    with file:
        _check(name, dtype, shape, allowed, kinds)
        size = prod(shape) * dtype.itemsize
        data = file.read(size + 1)
    if len(data) != size:
        raise DigitSetError(
            f"{short_repr(name)} must have the {size:,} bytes that its header states; received "
            f"{'more' if len(data) > size else f'{len(data):,}'}: {_AGAIN}"
        )
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


def _open_npy(archive: Archive, name: str) -> _Opened:
    file = archive.open(name)
    version = np.lib.format.read_magic(file)
    if version == (1, 0):
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(file)
    else:
        shape, fortran, dtype = np.lib.format.read_array_header_2_0(file)
    return dtype, shape, fortran, file


def _open_idx(archive: Archive, name: str) -> _Opened:
    if name.lower().endswith(".gz"):
        file: IO[bytes] = BytesIO(_gunzip(archive.read(name, _MOST_IDX)))
    else:
        file = archive.open(name)
    dtype, shape = idx.read_header(file)
    return dtype, shape, False, file


def _gunzip(data: bytes) -> bytes:
    """Return the first _MOST_IDX + 1 bytes of a gzip file of one member."""
    unpacker = zlib.decompressobj(wbits=31)
    unpacked = unpacker.decompress(data, _MOST_IDX + 1)
    if not unpacker.eof and len(unpacked) <= _MOST_IDX:
        raise EOFError("a gzip file ended before its end mark")
    return unpacked


def _check(
    name: str,
    dtype: np.dtype,
    shape: tuple[int, ...],
    allowed: tuple[tuple[int, ...], ...],
    kinds: str,
) -> None:
    """Check the header of an array, before its values take memory."""
    if not shape or shape[1:] not in allowed or shape[0] < 0:
        shapes = " or ".join(", ".join(("n", *map(str, sides))) for sides in allowed)
        raise DigitSetError(
            f"{short_repr(name)} must have the shape ({shapes}); received {short_repr(shape)}: "
            "reshape it" + ("" if len(allowed) > 1 else ", or take argmax(axis=1) of one-hot rows")
        )
    if shape[0]:  # a part may be empty
        check_count(shape[0])
    if dtype.kind not in kinds:
        numbers = "integers or floats" if "f" in kinds else "integers"
        raise DigitSetError(
            f"{short_repr(name)} must hold {numbers}; received {short_repr(dtype.name)}: convert "
            "it with astype"
        )


def _to_images(values: np.ndarray) -> np.ndarray:
    """Return images as uint8 (n, 28, 28). values: integers 0 to 255, floats or booleans 0 to 1."""
    values = values.reshape(-1, SIDE, SIDE)
    if values.dtype == np.uint8:
        return values
    images = np.empty(values.shape, np.uint8)
    is_share = values.dtype.kind in "bf"
    for start in range(0, len(values), _BLOCK):
        block = values[start : start + _BLOCK]
        if not is_share:
            images[start : start + _BLOCK] = _whole(block, "a pixel", 0, 255)
            continue
        wrong = block[~((block >= 0) & (block <= 1))]  # also NaN
        if wrong.size:
            raise DigitSetError(
                f"pixels that are floats must be 0 to 1; received {wrong[0]:g}: scale them, or "
                "save them as uint8, 0 to 255"
            )
        images[start : start + _BLOCK] = np.rint(block * np.float32(255))
    return images


def _whole(values: np.ndarray, word: str, low: int, high: int) -> np.ndarray:
    """Return integers unchanged. Raises DigitSetError if one is not low to high."""
    wrong = values[(values < low) | (values > high)]
    if wrong.size:
        raise DigitSetError(f"{word} must be {low} to {high:,}; received {wrong[0]}: correct it")
    return values
