"""Predictions of one image, none and many."""

import numpy as np

from mnist_core.dataset import mnist


def test_one_image_or_none_is_predicted_as_many_are(classify):
    images = mnist.load().x_test[:1500]
    all_at_once = classify(images)
    np.testing.assert_allclose(classify(images[7:8])[0], all_at_once[7], atol=1e-5)
    np.testing.assert_allclose(all_at_once.sum(axis=1), 1, atol=1e-5)
    assert classify(images[:0]).shape == (0, 10)
