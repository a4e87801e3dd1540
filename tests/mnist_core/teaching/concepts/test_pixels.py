"""Grey levels against NumPy."""

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.teaching.concepts import pixels


def test_grey_levels():
    image = mnist.load().x_test[7]
    assert pixels.scaled(image).shape == (28, 28, 1)
    assert pixels.scaled(image).dtype == np.float32
    assert pixels.scaled(image)[..., 0] == pytest.approx(image / 255)
    for level in (-255, -40, 0, 100, 255):
        expected = np.array([[min(max(int(p) + level, 0), 255) for p in row] for row in image])
        assert np.array_equal(pixels.added(image, level), expected)
        assert pixels.added(image, level).dtype == np.uint8
    assert np.array_equal(pixels.thresholded(image, 128) == 255, image >= 128)
    assert set(np.unique(pixels.thresholded(image, 128))) == {0, 255}
    assert np.array_equal(pixels.negative(image).astype(int), 255 - image.astype(int))
    assert (np.array([250], np.uint8) + np.uint8(10)).item() == 4  # as the page says
