"""The slopes of two losses against TensorFlow, with two classes and with ten."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core.teaching.concepts import softmax, squared_error


@pytest.mark.parametrize("z", [-20.0, -6, -0.7, 0, 3, 20])
def test_the_slopes_of_one_sigmoid_are_those_of_keras_losses(z):
    logit = tf.constant([[z]], tf.float64)
    right = tf.ones((1, 1), tf.float64)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(logit)
        entropy = keras.losses.BinaryCrossentropy(from_logits=True, dtype="float64")(right, logit)
        squared = keras.losses.MeanSquaredError(dtype="float64")(right, tf.sigmoid(logit))
    for loss, slope in (
        (entropy, squared_error.cross_entropy_slope),
        (squared, squared_error.squared_error_slope),
    ):
        theirs = np.asarray(tape.gradient(loss, logit)).item()
        assert float(slope(np.array(z))) == pytest.approx(theirs, rel=1e-6, abs=1e-15)


def test_with_ten_classes_the_lead_takes_the_place_of_the_logit():
    logits = np.random.default_rng(2).normal(0, 3, 10)
    z = tf.constant(logits)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(z)
        p = tf.nn.softmax(z)[4]
        entropy, squared = -tf.math.log(p), (1 - p) ** 2
    lead = np.array(logits[4] - softmax.combined_logit(logits, 4))
    theirs = [np.asarray(tape.gradient(loss, z))[4] for loss in (entropy, squared)]
    assert squared_error.cross_entropy_slope(lead) == pytest.approx(theirs[0])
    assert squared_error.squared_error_slope(lead) == pytest.approx(theirs[1])
