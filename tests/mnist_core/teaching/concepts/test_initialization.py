"""Initial weights against Keras's initializers, gradients against TensorFlow's tape."""

from itertools import pairwise

import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core.teaching.concepts import initialization as theory
from mnist_core.teaching.concepts.initialization import (
    GLOROT,
    HE,
    HIDDEN,
    LARGE,
    NAMES,
    SIZES,
    SMALL,
    UNITS,
    ZEROS,
)

ACTIVATIONS = ("relu", "tanh", "sigmoid")


def passed(name: str, activation: str, seed: int = 0) -> theory.Pass:
    return theory.run(theory.initial_weights(name, seed), activation, *theory.batch())


def signal(name: str, activation: str, seed: int = 0) -> theory.Signal:
    return theory.measure(passed(name, activation, seed))


@pytest.mark.parametrize(
    ("name", "initializer"),
    [
        (SMALL, keras.initializers.RandomNormal(stddev=0.01, seed=1)),
        (LARGE, keras.initializers.RandomNormal(stddev=1, seed=1)),
        (GLOROT, keras.initializers.GlorotUniform(seed=1)),
        (HE, keras.initializers.HeNormal(seed=1)),
        (ZEROS, keras.initializers.Zeros()),
    ],
)
@pytest.mark.parametrize("shape", [(784, 300), (300, 784)])
def test_the_variance_is_that_of_keras(name, initializer, shape):
    drawn = theory.draw(name, shape[0], shape[1], np.random.default_rng(2))
    theirs = keras.ops.convert_to_numpy(initializer(shape))
    assert drawn.shape == theirs.shape
    assert drawn.var() == pytest.approx(theirs.var(), rel=0.02)  # 4 sigma of the two samples
    assert abs(drawn.mean()) <= 5 * drawn.std() / np.sqrt(drawn.size)
    if name == GLOROT:
        assert np.abs(drawn).max() == pytest.approx(np.abs(theirs).max(), rel=1e-3)


def test_the_variances_of_a_network_are_those_of_the_formulas():
    for name, variance in ((GLOROT, lambda a, b: 2 / (a + b)), (HE, lambda a, b: 2 / a)):
        weights = theory.initial_weights(name, seed=3)
        assert [matrix.shape for matrix in weights] == list(pairwise(SIZES))
        for matrix in weights:
            assert matrix.var() == pytest.approx(variance(*matrix.shape), rel=0.15)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_those_of_tensorflow(name, activation):
    x, labels = theory.batch()
    weights = [tf.Variable(tf.constant(matrix)) for matrix in theory.initial_weights(name)]
    with tf.GradientTape() as tape:
        outputs = [tf.constant(x)]
        for matrix in weights[:-1]:
            outputs.append(getattr(tf.nn, activation)(tf.matmul(outputs[-1], matrix)))
        logits = tf.matmul(outputs[-1], weights[-1])
        losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels.astype(int), logits)
        loss = tf.reduce_mean(losses)
    gradients = [np.asarray(gradient) for gradient in tape.gradient(loss, weights)]
    ours = passed(name, activation)
    assert ours.loss == pytest.approx(float(loss), rel=1e-9)
    for layer, theirs in zip(ours.outputs, outputs, strict=True):
        np.testing.assert_allclose(layer, theirs, rtol=1e-9, atol=1e-15)
    for mine, theirs in zip(ours.gradients, gradients, strict=True):
        scale = np.abs(theirs).max()
        np.testing.assert_allclose(mine, theirs, rtol=1e-6, atol=1e-9 * scale)
    spreads = [gradient.std() for gradient in gradients]
    np.testing.assert_allclose(theory.measure(ours).gradients, spreads, rtol=1e-6)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_units_that_begin_with_zeros_stay_alike(activation):
    weights = theory.initial_weights(ZEROS)
    for _ in range(5):
        found = theory.run(weights, activation, *theory.batch())
        weights = [w - 0.5 * g for w, g in zip(weights, found.gradients, strict=True)]
        for matrix in weights[:-1]:
            np.testing.assert_array_equal(matrix, matrix[:, :1].repeat(UNITS, axis=1))
    assert (activation == "sigmoid") == bool(weights[-1].any())  # it does learn, but as one unit


def test_units_that_begin_at_random_differ():
    for matrix in passed(HE, "relu").gradients:
        assert len(np.unique(matrix, axis=1).T) > matrix.shape[1] / 2


@pytest.mark.parametrize("seed", range(3))
def test_glorot_keeps_the_size_with_tanh_and_he_with_relu(seed):
    for name, activation in ((GLOROT, "tanh"), (HE, "relu")):
        found = signal(name, activation, seed)
        for spreads in (found.outputs[1:], found.gradients[:HIDDEN]):
            assert spreads.max() < 3 * spreads.min()


@pytest.mark.parametrize("seed", range(3))
def test_other_sizes_vanish_explode_or_saturate(seed):
    for activation in ("relu", "tanh"):
        vanished = signal(SMALL, activation, seed)
        assert vanished.outputs[HIDDEN] < 1e-5
        assert vanished.gradients.max() < 1e-6
    exploded = signal(LARGE, "relu", seed)
    assert exploded.outputs[HIDDEN] > 1e3
    assert exploded.gradients.min() > 100
    assert signal(LARGE, "tanh", seed).saturated > 0.7
    assert signal(GLOROT, "tanh", seed).saturated < 0.01
    for name in (GLOROT, HE, SMALL):
        faded = signal(name, "sigmoid", seed).gradients
        assert faded[0] < 0.01 * faded[HIDDEN - 1]


def test_dead_and_saturated_are_counted():
    weights = theory.initial_weights(HE)
    others = weights[HIDDEN - 1][:, 7:]
    weights[HIDDEN - 1][:, :7] = -1  # what comes in is never negative: these seven are dead
    found = theory.measure(theory.run(weights, "relu", *theory.batch()))
    weights[HIDDEN - 1] = others
    weights[HIDDEN] = weights[HIDDEN][7:]
    rest = theory.measure(theory.run(weights, "relu", *theory.batch()))
    assert found.dead == 7 + rest.dead
    assert signal(ZEROS, "relu").dead == HIDDEN * UNITS
    steep = 1 - np.array(passed(LARGE, "tanh").outputs[1:]) ** 2 >= 0.1
    assert signal(LARGE, "tanh").saturated == pytest.approx(1 - steep.mean())
