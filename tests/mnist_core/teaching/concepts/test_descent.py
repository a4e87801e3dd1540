"""The race against Keras's optimizers."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.teaching.concepts import descent, surfaces
from mnist_core.teaching.concepts.descent import (
    ADAM,
    GONE,
    MOMENTUM,
    NAMES,
    RMSPROP,
    SGD,
    STEPS,
    walk,
)


def optimizer(name: str, rate: float, momentum: float) -> keras.Optimizer:
    """Keras's own, with nothing but its defaults besides."""
    if name == SGD:
        return keras.optimizers.SGD(rate)
    if name == MOMENTUM:
        return keras.optimizers.SGD(rate, momentum=momentum)
    return {RMSPROP: keras.optimizers.RMSprop, ADAM: keras.optimizers.Adam}[name](rate)


@pytest.mark.parametrize("batch", [None, 16])
@pytest.mark.parametrize("name", NAMES)
def test_every_step_is_that_of_keras(name, batch):
    surface = surfaces.four()
    path = walk(surface, name, surface.start, 0.03, 0.8, batch)
    noise = descent.batch_noise(batch) if batch else np.zeros((STEPS, 2))
    weights = keras.Variable(np.array(surface.start), dtype="float64")
    theirs = optimizer(name, 0.03, 0.8)
    for step in range(20):
        mean = surface.gradient(*path.weights[step])
        np.testing.assert_allclose(path.gradients[step], mean + noise[step])
        theirs.apply([keras.ops.convert_to_tensor(path.gradients[step])], [weights])
        np.testing.assert_allclose(path.weights[step + 1], weights, rtol=1e-5, atol=1e-6)
        for ours, slot in ((path.means, "momentum"), (path.squares, "velocity")):
            kept = [np.asarray(v) for v in theirs.variables if v.path.endswith(slot)]
            np.testing.assert_allclose(ours[step], kept[0] if kept else 0, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_epsilon_stands_where_keras_adds_it(name):
    """With a gradient of its own size, epsilon is most of the quotient."""
    state, gradient = descent.State(np.ones(2), np.zeros(2), np.zeros(2)), np.array([2e-7, 4e-7])
    weights = keras.Variable(np.ones(2), dtype="float64")
    theirs = optimizer(name, 0.1, 0.9)
    for step in range(1, 6):
        state = descent.move(name, step, state, gradient, 0.1, 0.9)
        theirs.apply([keras.ops.convert_to_tensor(gradient, "float64")], [weights])
    assert state.weights - 1 == pytest.approx(keras.ops.convert_to_numpy(weights) - 1, rel=1e-5)


def test_constants_are_the_defaults_of_keras():
    adam, rmsprop = keras.optimizers.Adam(), keras.optimizers.RMSprop()
    assert (adam.beta_1, adam.beta_2) == (descent.BETA_1, descent.BETA_2)
    assert adam.epsilon == rmsprop.epsilon == descent.EPSILON
    assert rmsprop.rho == descent.RHO


def test_the_noise_of_a_batch_is_that_of_a_mean_of_its_images():
    single = descent.batch_noise(1)
    assert single.std() == pytest.approx(descent.SPREAD, rel=0.1)
    assert np.abs(single.mean(axis=0)).max() < 3 * descent.SPREAD / np.sqrt(STEPS)
    # the mean of 16 independent values varies a quarter as much
    np.testing.assert_allclose(descent.batch_noise(16), single / 4)


def test_what_the_idea_says_of_noise():
    saddle, valley = surfaces.saddle(), surfaces.valley(30)
    for name in NAMES:
        assert abs(walk(saddle, name, (-2.5, 0.0), 0.05, 0.9).weights[-1, 1]) == 0
        assert abs(walk(saddle, name, (-2.5, 0.0), 0.05, 0.9, 64).weights[-1, 1]) > 0.5
    # a step of descent is w' = (1 - 30 rate) w - rate noise, which has this standard deviation
    for rate in (0.05, 0.02):
        path = walk(valley, SGD, (0.0, 0.0), rate, 0.9, 1)
        expected = rate * descent.SPREAD / np.sqrt(1 - (1 - 30 * rate) ** 2)
        assert path.weights[5:, 1].std() == pytest.approx(expected, rel=0.2)


@settings(max_examples=40)
@given(condition=st.floats(1, 100), momentum=st.floats(0, 0.9), above=st.booleans())
def test_the_limit_is_where_a_valley_is_no_longer_descended(condition, momentum, above):
    rate = descent.limit(condition, momentum) * (1.05 if above else 0.95)
    # the eigenvalues of a step (w, v) -> (w + v', v') with v' = momentum v - rate condition w
    step = np.array([[1 - rate * condition, momentum], [-rate * condition, momentum]])
    assert (np.abs(np.linalg.eigvals(step)).max() > 1) == above
    path = walk(surfaces.valley(condition), MOMENTUM, (0.0, 1.0), rate, momentum)
    assert (path.gone is not None or abs(path.weights[-1, 1]) > 1) == above


def test_a_path_that_is_gone_ends():
    path = walk(surfaces.valley(100), SGD, (-3.5, 2.0), 0.05, 0.9)
    assert path.gone == 5  # 2 (1 - 0.05 * 100)^5 is beyond 1,000
    assert np.isfinite(path.weights[: path.gone]).all()
    assert np.hypot(*path.weights[: path.gone].T).max() <= GONE
    assert np.isnan(path.weights[path.gone :]).all()
    assert np.isnan(path.loss[path.gone :]).all()


@pytest.mark.parametrize("name", NAMES)
def test_nobody_leaves_the_ridge_of_the_saddle(name):
    path = walk(surfaces.saddle(), name, (-2.0, 0.0), 0.05, 0.9)
    assert (path.weights[:, 1] == 0).all()
    assert path.weights.shape == (STEPS + 1, 2)


def test_what_the_lesson_about_the_learning_rate_says_of_the_long_valley():
    valley = surfaces.valley(30)
    loss = {
        (name, rate): descent.walk(valley, name, valley.start, rate, 0.9).loss
        for name in descent.NAMES
        for rate in (0.005, 0.05, 0.1, 0.5)
    }
    first = loss[descent.SGD, 0.005][0]
    assert all(loss[name, 0.005][-1] > first / 2 for name in (descent.RMSPROP, descent.ADAM))
    assert all(loss[name, 0.005][-1] < first / 20 for name in (descent.SGD, descent.MOMENTUM))
    assert all(loss[name, 0.05][-1] < 0.1 for name in descent.NAMES)
    assert [name for name in descent.NAMES if np.isnan(loss[name, 0.1][-1])] == [descent.SGD]
    assert all(np.isnan(loss[name, 0.5][-1]) for name in (descent.SGD, descent.MOMENTUM))
    assert loss[descent.ADAM, 0.5][20] > 1 > 0.01 > loss[descent.ADAM, 0.5][80:].max()
    assert loss[descent.RMSPROP, 0.5][20] < 0.01 < 0.5 < loss[descent.RMSPROP, 0.5][80:].max()
