"""Variants of one digit, as training sees them."""

import numpy as np
import pytest
import tensorflow as tf

from mnist_core.dataset import mnist
from mnist_core.network.spec import Augmentation
from mnist_core.training.augmentation import augment, variants

IMAGE = mnist.load().x_test[0]


def moved(image: np.ndarray, down: int, right: int) -> np.ndarray:
    """The image shifted by whole pixels; 0 moves in."""
    padded = np.pad(image, 8)
    return padded[8 - down : 36 - down, 8 - right : 36 - right]


def test_shifts_are_by_whole_pixels_and_all_of_them_occur():
    made = variants(IMAGE, Augmentation(shift=1), seed=3, count=200)
    places = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    shifted = {place: moved(IMAGE, *place) for place in places}
    found = [
        [place for place, image in shifted.items() if np.array_equal(image, one)] for one in made
    ]
    assert all(len(one) == 1 for one in found)
    assert {one[0] for one in found} == {*places}


def test_without_changes_all_are_the_image():
    assert (variants(IMAGE, Augmentation(), seed=0, count=3) == IMAGE).all()


def test_a_rotation_by_as_much_as_allowed_keeps_the_ink():
    made = variants(IMAGE, Augmentation(rotation=45), seed=1, count=12)
    assert made.dtype == np.uint8
    assert len({one.tobytes() for one in made}) == 12
    assert made.sum(axis=(1, 2)) == pytest.approx(IMAGE.sum(dtype=float), rel=0.05)


def test_they_are_what_a_batch_of_training_gets():
    changes = Augmentation(shift=2, rotation=10, zoom=0.1)
    batch = np.repeat(IMAGE[None, ..., None] / np.float32(255), 4, axis=0)
    trained = augment(tf.constant(batch), changes, 7, tf.constant(0)).numpy()[..., 0] * 255
    assert np.abs(variants(IMAGE, changes, seed=7, count=4) - trained).max() <= 0.51
