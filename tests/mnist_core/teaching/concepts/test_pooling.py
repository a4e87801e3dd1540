"""Pooling against Keras and TensorFlow."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.dataset import mnist
from mnist_core.network.layers import AveragePooling2D, MaxPooling2D
from mnist_core.teaching.concepts import pooling

RNG = np.random.default_rng(7)
QUICK = settings(max_examples=10, deadline=None)


@QUICK
@given(st.integers(4, 9), st.integers(4, 9), st.integers(1, 4), st.integers(1, 5), st.booleans())
def test_pooling_is_keras_own(height, width, size, stride, largest):
    image = RNG.normal(size=(height, width))
    kind = "max" if largest else "average"
    pool = keras.ops.max_pool if largest else keras.ops.average_pool
    theirs = pool(image[None, ..., None], size, stride)
    ours = pooling.pool(image, kind, size, stride)
    np.testing.assert_allclose(ours.values, np.array(theirs)[0, ..., 0], atol=1e-12)
    own = MaxPooling2D if largest else AveragePooling2D
    shape = own(pool_size=size, strides=stride).output_shape((height, width, 1))
    assert ours.values.shape == shape[:2]
    for place in np.ndindex(*shape[:2]):
        window = ours.window(*place)
        assert (window.max() if largest else window.mean()) == pytest.approx(ours.values[place])
    for side, count, left in zip((height, width), shape, ours.left_out, strict=False):
        reached = {start * stride + at for start in range(count) for at in range(size)}
        assert left == sum(at > max(reached) for at in range(side))


def test_the_winner_is_where_tensorflow_sends_the_gradient():
    image = RNG.normal(size=(8, 8))
    pixels = tf.constant(image[None, ..., None])
    with tf.GradientTape() as tape:
        tape.watch(pixels)
        total = tf.reduce_sum(tf.nn.max_pool2d(pixels, 2, 2, "VALID"))
    gradient = np.array(tape.gradient(total, pixels))[0, ..., 0]
    winners = pooling.pool(image, "max", 2, 2).winners
    assert winners is not None
    assert {tuple(at) for at in winners.reshape(-1, 2)} == set(
        zip(*np.nonzero(gradient), strict=True)
    )


def test_the_notes_table_pools_to_9_and_6_and_the_first_of_equals_wins():
    table = np.nan_to_num(pooling.NOTES, nan=1)
    ours = pooling.pool(table, "max", 2, 2)
    assert ours.values.tolist() == [[9, 6], [5, 4]]
    assert ours.winners is not None
    assert ours.winners.tolist() == [[[1, 1], [0, 3]], [[3, 0], [2, 2]]]
    assert pooling.pool(table, "average", 2, 2).values.tolist() == [[4.25, 3.25], [2.5, 2.5]]
    equals = pooling.pool(np.ones((4, 4)), "max", 3, 1).winners
    assert equals is not None
    assert equals.tolist() == [[[0, 0], [0, 1]], [[1, 0], [1, 1]]]


@QUICK
@given(st.integers(-20, 20), st.sampled_from(["max", "average"]))
def test_the_x_that_is_needed_is_the_x_that_does_it(wanted, kind):
    window = pooling.NOTES[2:, 2:]
    found = pooling.needed(window, kind, wanted)
    least, most = found or (0.0, 0.0)
    for x in {-200.0, least - 0.5, least, most, most + 0.5, 4.0} - {-np.inf}:
        value = pooling.pool(np.nan_to_num(window, nan=x), kind, 2, 2).values[0, 0]
        assert (value == wanted) == (found is not None and least <= x <= most)


@pytest.mark.parametrize(("down", "right"), [(0, 0), (2, -1), (-3, 3), (1, 0), (0, -2)])
def test_a_move_is_a_roll_where_the_border_is_paper(down, right):
    image = np.pad(RNG.random((5, 6)), 4)
    np.testing.assert_array_equal(
        pooling.shift(image, down, right), np.roll(image, (down, right), (0, 1))
    )


def test_what_leaves_the_image_is_lost():
    assert pooling.shift(np.arange(4).reshape(2, 2), 1, 1).tolist() == [[0, 0], [0, 0]]
    assert pooling.shift(np.arange(4).reshape(2, 2), -1, 0).tolist() == [[2, 3], [0, 0]]


def test_a_feature_map_is_a_convolution_and_relu_of_keras():
    image = mnist.load().x_test[0] / 255
    theirs = tf.nn.relu(tf.nn.conv2d(image[None, ..., None], pooling.EDGES[..., None, None], 1,
                                     "VALID"))  # fmt: skip
    np.testing.assert_allclose(pooling.edges(image), np.array(theirs)[0, ..., 0], atol=1e-12)


def test_the_feature_map_finds_ink_to_the_right_of_paper_and_nothing_else():
    step = np.tile([0.0, 0, 0, 1, 1, 1], (5, 1))
    assert pooling.edges(step).tolist() == [[0, 3, 3, 0]] * 3
    for other in (step.T, step[:, ::-1], 0 * step, 0 * step + 1):
        assert not pooling.edges(other).any()


def test_a_change_counts_and_adds_up():
    found = pooling.change(np.array([[1.0, 2], [3, 4]]), np.array([[1.0, 0], [3, 5]]))
    assert (found.changed, found.values, found.share) == (2, 4, pytest.approx(0.3))
    assert pooling.change(np.zeros((2, 2)), np.ones((2, 2))).share == 0
