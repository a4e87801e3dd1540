"""Gradients through many layers against TensorFlow."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core.network.activations import derivative
from mnist_core.teaching.concepts.activations import gradient_after_layers


def test_slopes_of_many_layers_are_what_tensorflow_makes_of_their_chain():
    """Each layer moves its output back to the same z, as the page assumes."""
    start = tf.constant(0.7, tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(start)
        a = start
        for _ in range(6):
            a = keras.activations.sigmoid(a)
            a = a + tf.stop_gradient(0.7 - a)
    slope = float(derivative("sigmoid", 0.7))
    left = gradient_after_layers(slope, 6)
    assert left[-1] == pytest.approx(np.array(tape.gradient(a, start)).item())
    assert left.tolist() == pytest.approx(np.cumprod([slope] * 6).tolist())
