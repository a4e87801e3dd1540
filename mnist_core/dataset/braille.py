"""Digits drawn with braille characters, for places without images, such as a tooltip."""

import numpy as np
from numpy.typing import NDArray

SIDE = 20  # pixels: every digit of MNIST fits into a box of this side
BLANK = 0x2800
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""What each of the 4 x 2 dots adds to the code of the character. Source: Unicode, U+2800."""


def to_braille(images: NDArray[np.uint8], ink: int = 96) -> list[list[str]]:
    """Return each image as five lines of ten characters, one dot per pixel of at least `ink`.

    images: uint8 (n, 28, 28), ink bright. Drawn is the box of 20 x 20 pixels whose first row and
    first column are the first ones with ink.
    """
    dark = images >= ink
    pixels = np.arange(SIDE)
    rows = _first(images.max(axis=2) >= ink)[:, None] + pixels
    columns = _first(images.max(axis=1) >= ink)[:, None] + pixels
    boxes = dark[np.arange(len(images))[:, None, None], rows[:, :, None], columns[:, None, :]]
    cells = boxes.reshape(-1, SIDE // 4, 4, SIDE // 2, 2)
    codes = BLANK + np.einsum("nadbe,de->nab", cells, DOTS)
    lines = np.ascontiguousarray(codes, np.uint32).view(f"U{SIDE // 2}")
    return lines[..., 0].tolist()


def _first(ink: NDArray[np.bool]) -> NDArray[np.intp]:
    """Return where ink begins, at most 8, so that a whole box follows. bool (n, 28) -> (n,)."""
    return np.minimum(ink.argmax(axis=1), ink.shape[1] - SIDE)
