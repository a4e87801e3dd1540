"""Shared weights against Keras and TensorFlow, and what they make of a shift."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.dataset import mnist
from mnist_core.network.presets import find
from mnist_core.network.summary import summarize
from mnist_core.teaching.concepts import sharing

RNG = np.random.default_rng(5)


def test_the_counts_of_the_first_layer_of_note_5_are_those_of_keras():
    counts = sharing.parameters(28, 3, 8)
    convolution = keras.layers.Conv2D(8, 3)
    image = keras.Input((28, 28, 1))
    maps = convolution(image)
    dense = keras.layers.Dense(int(np.prod(maps.shape[1:])))
    dense.build((None, 28 * 28))
    assert counts.shared == convolution.count_params() == 80
    assert counts.dense == dense.count_params() == 4_245_280
    assert summarize(find("note-5").network).rows[0].parameters == counts.shared


@pytest.mark.parametrize(("side", "size", "filters"), [(28, 3, 8), (9, 4, 2)])
def test_a_convolution_written_as_a_dense_layer_has_the_weights_of_a_local_one(side, size, filters):
    """An image with one bright pixel per row of the batch gives the dense layer's weights."""
    kernel = RNG.uniform(1, 2, (size, size, 1, filters))
    pixels = np.eye(side**2).reshape(-1, side, side, 1)
    weights = np.asarray(tf.nn.conv2d(pixels, kernel, 1, "VALID")).reshape(side**2, -1)
    counts = sharing.parameters(side, size, filters)
    biases = weights.shape[1]
    assert counts.dense == weights.size + biases
    assert counts.local == np.count_nonzero(weights) + biases
    assert counts.shared == len(np.unique(weights[weights != 0])) + filters


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 9_999), st.integers(-6, 6))
def test_the_map_of_a_shifted_image_is_the_shifted_map(row, right):
    image = mnist.load().x_test[row] / 255
    before, after = sharing.layers(image), sharing.layers(image, right)
    equal, compared = sharing.kept(before.edges, after.edges, right)
    assert equal == compared == 26 * (26 - abs(right))
    columns = range(max(right, 0), 26 + min(right, 0))
    for column in columns:
        np.testing.assert_allclose(after.edges[:, column], before.edges[:, column - right])
    if right % 2 == 0:
        equal, compared = sharing.kept(before.pooled, after.pooled, right // 2)
        assert equal == compared == 13 * (13 - abs(right) // 2)
    inked = np.flatnonzero(image.any(axis=0)) + right
    if inked.min() >= 2 and inked.max() <= 25:  # no window is cut off
        assert after.edges.max() == pytest.approx(before.edges.max())


def test_weights_of_their_own_at_each_place_do_not_move_along():
    image = mnist.load().x_test[0] / 255
    own = RNG.normal(size=(26, 26))  # a factor of its own for each place
    before, after = (own * sharing.layers(image, right).edges for right in (0, 2))
    equal, compared = sharing.kept(before, after, 2)
    assert equal < compared


def test_what_moved_along_is_counted():
    before = np.array([[1.0, 2, 3, 4], [5, 6, 7, 8]])
    assert sharing.kept(before, np.array([[0, 1, 2, 3], [0, 5, 0, 7.0]]), 1) == (5, 6)
    assert sharing.kept(before, np.array([[3.0, 4, 0, 0], [7, 0, 0, 0]]), -2) == (3, 4)
