"""A set of handwritten digits with their writers, and its parts for training and testing."""

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.dataset.mnist import SIDE
from mnist_core.network.layers import CLASSES
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import short_repr

MOST_DIGITS = 20_000
MOST_PIXELS = 2048
"""The longest side of a drawing."""
TEST_PART = 5
"""One writer in this many is in the test part."""

_PNG = b"\x89PNG\r\n\x1a\n"
_BORDER = np.pad(np.zeros((SIDE - 2, SIDE - 2), np.bool), 1, constant_values=True)


class DigitSetError(MnistError):
    """A set of digits that is invalid, or a file that contains no set."""


@dataclass(frozen=True, eq=False)
class DigitSet:
    """Handwritten digits like MNIST's, 1 to MOST_DIGITS of them.

    images: uint8 (n, 28, 28), 0 paper to 255 ink; labels: uint8 (n,), 0 to 9; writers: int32 (n,),
    a number from 1 in place of each name; drawings: n pictures as they were drawn, PNG files of at
    most MOST_PIXELS per side, b"" where unknown. Raises DigitSetError on anything else, and on
    images that are dark on light as a whole.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    writers: NDArray[np.int32]
    drawings: tuple[bytes, ...]

    def __post_init__(self) -> None:
        count = len(self.labels) if self.labels.ndim else 0
        check_count(count)
        _check_array("images", self.images, np.uint8, (count, SIDE, SIDE))
        _check_array("labels", self.labels, np.uint8, (count,))
        _check_array("writers", self.writers, np.int32, (count,))
        if (most := int(self.labels.max())) >= CLASSES:
            raise DigitSetError(f"a label must be 0 to 9; received {most}: correct it")
        if (least := int(self.writers.min())) < 1:
            raise DigitSetError(
                f"a writer must be a number from 1; received {least}: number the writers 1, 2, 3"
            )
        if len(self.drawings) != count:
            raise DigitSetError(
                f"each digit must have a drawing, or b'' in its place; received "
                f"{len(self.drawings):,} for {count:,} digits: add what is missing"
            )
        for drawing in self.drawings:
            if drawing:
                _check_drawing(drawing)
        if has_bright_border(self.images):
            mean = self.images[:, _BORDER].mean()
            raise DigitSetError(
                "the ink must be bright on dark paper, as in MNIST; received images with a border "
                f"of {mean:.0f} of 255 on average: invert them with 255 - images"
            )


def check_count(count: int) -> None:
    """Raise DigitSetError if a set cannot have this many digits."""
    if not 1 <= count <= MOST_DIGITS:
        raise DigitSetError(
            f"a set must have 1 to {MOST_DIGITS:,} digits; received {count:,}: "
            f"{'take a part of them' if count else 'add some'}"
        )


def has_bright_border(images: NDArray[np.uint8]) -> bool:
    """Return whether images are dark on light: their outermost pixels have a mean of 128 or more.

    images: (n, 28, 28), n at least 1. MNIST's own border has a mean of 0.0; one answer for all.
    """
    return bool(images[:, _BORDER].mean() >= 128)


def png_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height in pixels from the header of a PNG; None for other files."""
    if data[:8] != _PNG or data[12:16] != b"IHDR" or len(data) < 24:
        return None
    return struct.unpack(">II", data[16:24])


def is_for_testing(writers: NDArray[np.int32]) -> NDArray[np.bool]:
    """Return which digits are the test part, (n,) bool; the others are the training part.

    writers: (n,), n at least 1. No writer is in both parts: a network reads the people it was
    trained on better. Every fifth writer (TEST_PART) is for testing, 2, 7, 12 and so on, so that
    the parts do not change as more people write. If that leaves a part empty, only the writer with
    the highest number is for testing. The digits of a single writer are all for testing: one
    person's digits teach little, but show how a network trained on MNIST reads them.
    """
    chosen = writers % TEST_PART == 2
    return chosen if 0 < chosen.sum() < len(writers) else writers == writers.max()


def _check_array(
    name: str, array: NDArray[np.generic], dtype: type[np.generic], shape: tuple[int, ...]
) -> None:
    if array.dtype != dtype or array.shape != shape:
        raise DigitSetError(
            f"{name} must be {np.dtype(dtype)} {shape}; received {array.dtype} {array.shape}: "
            "convert them first"
        )


def _check_drawing(drawing: bytes) -> None:
    size = png_size(drawing)
    if size is None:
        raise DigitSetError(
            f"a drawing must be a PNG file; received {short_repr(drawing[:8])}: save it as PNG"
        )
    if not (min(size) > 0 and max(size) <= MOST_PIXELS):
        raise DigitSetError(
            f"a drawing must have 1 to {MOST_PIXELS:,} pixels per side; received {size[0]:,} x "
            f"{size[1]:,}: save a smaller copy"
        )
