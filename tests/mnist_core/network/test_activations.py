"""The activations and their slopes against TensorFlow."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core.network.activations import NAMES, activation, derivative
from ui.charts.activations import WORDS


@pytest.mark.parametrize("name", NAMES)
def test_values_and_slopes_are_tensorflows(name):
    z = np.concatenate([np.linspace(-8, 8, 161), [0, -0.0, -60, 60, -100, 100]])
    points = tf.constant(z)
    with tf.GradientTape() as tape:
        tape.watch(points)
        theirs = keras.activations.get(name)(points)
    np.testing.assert_allclose(activation(name, z), theirs, rtol=1e-6, atol=1e-7)
    slopes = np.array(tape.gradient(theirs, points))
    np.testing.assert_allclose(derivative(name, z), slopes, rtol=1e-6, atol=1e-7)
    assert derivative(name, 0.0) == pytest.approx(float(slopes[161]), rel=1e-6)


def test_the_app_has_words_for_each():
    assert WORDS.keys() == set(NAMES)


def test_the_sigmoid_is_never_steeper_than_a_quarter():
    slopes = derivative("sigmoid", np.linspace(-6, 6, 1201))
    assert slopes.max() == slopes[600] == 0.25
