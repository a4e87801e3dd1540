"""Arithmetic on gray levels, and what it does to a picture."""

import numpy as np

WHITE = 255
"""The largest grey level, full ink; 0 is bare paper."""


def scaled(image: np.ndarray) -> np.ndarray:
    """What a network gets: (h, w) uint8 in 0 to 255 becomes (h, w, 1) float32 in [0, 1]."""
    return image[..., np.newaxis].astype(np.float32) / WHITE


def added(image: np.ndarray, level: int) -> np.ndarray:
    """Every grey level raised by `level`, -255 to 255, and kept within 0 to 255.

    image: uint8, any shape; so is the result. In uint8 alone 250 + 10 would wrap around to 4.
    """
    return np.clip(image.astype(np.int16) + level, 0, WHITE).astype(np.uint8)


def thresholded(image: np.ndarray, level: int) -> np.ndarray:
    """255 where a grey level reaches `level`, 0 elsewhere. image: uint8; so is the result."""
    return np.where(image >= level, WHITE, 0).astype(np.uint8)


def negative(image: np.ndarray) -> np.ndarray:
    """Ink becomes paper, paper becomes ink: 255 - I. image: uint8; so is the result."""
    return WHITE - image
