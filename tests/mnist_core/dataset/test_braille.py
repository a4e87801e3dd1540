"""Digits in braille, read back dot by dot."""

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.dataset.braille import SIDE, to_braille


def test_dots_are_the_pixels():
    images = mnist.load().x_test[:50]
    for image, lines in zip(images, to_braille(images), strict=True):
        ink = np.zeros((SIDE, SIDE), bool)
        for y, line in enumerate(lines):
            for x, character in enumerate(line):
                bits = ord(character) - 0x2800
                for bit, (down, right) in enumerate(
                    [(0, 0), (1, 0), (2, 0), (0, 1), (1, 1), (2, 1), (3, 0), (3, 1)]
                ):
                    ink[4 * y + down, 2 * x + right] = bits >> bit & 1
        rows, columns = np.nonzero(image >= 96)
        top, left = min(rows.min(), 8), min(columns.min(), 8)
        np.testing.assert_array_equal(ink, image[top : top + SIDE, left : left + SIDE] >= 96)


def test_a_digit_has_five_lines_of_ten_characters():
    (lines,) = to_braille(np.zeros((1, 28, 28), np.uint8))
    assert lines == ["\u2800" * 10] * 5
