"""A digit as text, in braille characters: for where a picture cannot be, such as in a tooltip."""

import numpy as np

SIDE = 20  # the box that every digit of MNIST fits in
BLANK = 0x2800
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]])
"""What each of the 4 x 2 dots adds to the number of the character. Source: Unicode, U+2800."""


def to_braille(images: np.ndarray, ink: int = 96) -> list[list[str]]:
    """Each image as five lines of ten characters, a dot a pixel from `ink` on.

    images: uint8 (n, 28, 28), ink bright. The box of 20 x 20 pixels begins with the first ink.
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


def _first(ink: np.ndarray) -> np.ndarray:
    """Where ink begins, early enough for a whole box. ink: bool (n, 28) -> (n,)."""
    return np.minimum(ink.argmax(axis=1), ink.shape[1] - SIDE)
