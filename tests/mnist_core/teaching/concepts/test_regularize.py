"""Dropout and batch normalization against Keras's layers on the same numbers."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.teaching.concepts import regularize
from mnist_core.teaching.concepts.regularize import (
    ACTIVATIONS,
    Statistics,
    batches,
    drop,
    normalize,
)
from mnist_core.utils.npz import unpack

RATE = st.floats(0, 0.9)


def test_the_activations_are_those_of_the_example():
    """Through Keras, with the weights that the app ships."""
    arrays = unpack((examples.FOLDER / "example-note-5.npz").read_bytes())
    weights = unpack(arrays["weights"].tobytes())
    values = keras.ops.convert_to_tensor(mnist.load().x_test[:1, ..., None] / 255, "float32")
    for name in ("conv2d_1", "conv2d_2"):
        values = keras.ops.conv(values, weights[f"{name}/kernel"]) + weights[f"{name}/bias"]
        values = keras.ops.max_pool(keras.ops.relu(values), 2)
    dense = keras.ops.reshape(values, (1, -1)) @ weights["dense_1/kernel"]
    hidden = keras.ops.relu(dense + weights["dense_1/bias"])
    np.testing.assert_allclose(keras.ops.convert_to_numpy(hidden)[0], ACTIVATIONS, atol=0.0051)


@pytest.mark.parametrize("rate", [0.2, 0.5, 0.75])
def test_dropout_is_that_of_keras(rate):
    x = np.linspace(-2, 3, 6)
    draws = 20_000
    ours = drop(x, rate, draws, 3).y
    layer = keras.layers.Dropout(rate, seed=3, dtype="float64")
    theirs = keras.ops.convert_to_numpy(layer(np.tile(x, (draws, 1)), training=True))
    for unit, value in enumerate(x):
        values = np.unique(theirs[:, unit])
        np.testing.assert_allclose(np.unique(ours[:, unit]), values, rtol=1e-6)
        spread = drop(x, rate, 1, 0).spread(unit)
        for found in (ours[:, unit], theirs[:, unit]):
            assert found.mean() == pytest.approx(value, abs=5 * spread / np.sqrt(draws) + 1e-9)
            assert found.std() == pytest.approx(spread, rel=0.05)
    np.testing.assert_array_equal(keras.ops.convert_to_numpy(layer(x, training=False)), x)


@settings(max_examples=30)
@given(rate=RATE, more=RATE, draws=st.integers(1, 20), seed=st.integers(0, 9))
def test_dropout_keeps_or_drops(rate, more, draws, seed):
    drawn = drop(ACTIVATIONS, rate, draws, seed)
    assert drawn.y.shape == (draws, 64)
    np.testing.assert_array_equal(drawn.y[~drawn.kept], 0)
    np.testing.assert_allclose(drawn.y * (1 - rate), np.where(drawn.kept, ACTIVATIONS, 0))
    np.testing.assert_allclose(drawn.running_means(30)[-1], drawn.y[:, 30].mean())
    higher = drop(ACTIVATIONS, max(rate, more), draws, seed)
    assert not (higher.kept & ~drawn.kept).any()
    np.testing.assert_array_equal(drop(ACTIVATIONS, rate, draws + 5, seed).y[:draws], drawn.y)


def test_without_a_rate_nothing_is_dropped():
    np.testing.assert_array_equal(drop(ACTIVATIONS, 0, 3, 0).y, np.tile(ACTIVATIONS, (3, 1)))


@pytest.mark.parametrize(("size", "count"), [(2, 3), (32, 12)])
def test_batch_normalization_is_that_of_keras(size, count):
    seen = batches(3, 2, size, count, seed=4)
    layer = keras.layers.BatchNormalization(dtype="float64")
    layer.build((None, 1))
    gamma, beta = 1.7, -0.4
    layer.gamma.assign([gamma])
    layer.beta.assign([beta])
    for at, x in enumerate(seen.x):
        theirs = keras.ops.convert_to_numpy(layer(x[:, None], training=True))[:, 0]
        given_ = Statistics(float(seen.means[at]), float(seen.variances[at]))
        np.testing.assert_allclose(gamma * normalize(x, given_) + beta, theirs, rtol=1e-5)
        np.testing.assert_allclose(seen.moving_means[at + 1], layer.moving_mean[0], rtol=1e-6)
        variance = layer.moving_variance[0]
        np.testing.assert_allclose(seen.moving_variances[at + 1], variance, rtol=1e-6)
    x = seen.x[-1]
    assert seen.last == Statistics(float(x.mean()), float(x.var()))
    theirs = keras.ops.convert_to_numpy(layer(x[:, None], training=False))[:, 0]
    np.testing.assert_allclose(gamma * normalize(x, seen.moving) + beta, theirs, rtol=1e-5)
    assert (layer.momentum, layer.epsilon) == (regularize.MOMENTUM, regularize.EPSILON)
    assert layer.count_params() == 4
    assert sum(np.prod(weight.shape) for weight in layer.trainable_weights) == 2


@settings(max_examples=30)
@given(mean=st.floats(-5, 5), scale=st.floats(0.5, 5), bias=st.floats(-5, 5))
def test_a_bias_before_changes_nothing(mean, scale, bias):
    plain, moved = batches(mean, scale, 16, 3), batches(mean + bias, scale, 16, 3)
    np.testing.assert_allclose(
        normalize(moved.x[-1], moved.last), normalize(plain.x[-1], plain.last), atol=1e-9
    )


def test_moving_averages_close_in_by_a_hundredth():
    found = regularize.moving_average(np.full(100, 7.0), 1.0)
    np.testing.assert_allclose(found, 7 - 6 * 0.99 ** np.arange(101))


def test_equal_values_are_no_division_by_zero():
    seen = batches(3, 0, 8, 1)
    assert seen.last == Statistics(3.0, 0.0)
    np.testing.assert_array_equal(normalize(seen.x[-1], seen.last), 0)
