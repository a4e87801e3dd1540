"""The activations and their slopes against TensorFlow."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core.teaching.concepts import activations


@pytest.mark.parametrize("name", activations.NAMES)
def test_values_and_slopes_are_tensorflows(name):
    z = np.concatenate([np.linspace(-8, 8, 161), [0, -0.0, -60, 60]])
    points = tf.constant(z)
    with tf.GradientTape() as tape:
        tape.watch(points)
        theirs = keras.activations.get(name)(points)
    np.testing.assert_allclose(activations.value(name, z), theirs, rtol=1e-6, atol=1e-7)
    slopes = np.array(tape.gradient(theirs, points))
    np.testing.assert_allclose(activations.derivative(name, z), slopes, rtol=1e-6, atol=1e-7)
    assert activations.derivative(name, 0.0) == pytest.approx(float(slopes[-3]), rel=1e-6)


def test_the_sigmoid_is_never_steeper_than_a_quarter():
    slopes = activations.derivative("sigmoid", np.linspace(-6, 6, 1201))
    assert slopes.max() == slopes[600] == 0.25


def test_slopes_of_many_layers_are_what_tensorflow_makes_of_their_chain():
    """Each layer moves its output back to the same z, as the page assumes."""
    start = tf.constant(0.7, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(start)
        a = start
        for _ in range(6):
            a = keras.activations.sigmoid(a)
            a = a + tf.stop_gradient(0.7 - a)
    slope = float(activations.derivative("sigmoid", 0.7))
    left = activations.gradient_after_layers(slope, 6)
    assert left[-1] == pytest.approx(np.array(tape.gradient(a, start)).item())
    assert left.tolist() == pytest.approx(np.cumprod([slope] * 6).tolist())
