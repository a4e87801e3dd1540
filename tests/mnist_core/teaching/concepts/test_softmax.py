"""Softmax, cross-entropy and labels against SciPy, Keras and finite differences."""

import keras
import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.teaching.concepts import softmax

logits = st.lists(st.floats(-1000, 1000), min_size=2, max_size=10).map(np.array)
digits = st.integers(0, 9)


def keras_losses(kind: str, labels, probabilities: np.ndarray, **settings) -> np.ndarray:
    """What Keras's loss class says of each prediction in float64. labels: (n,) or (n, 10)."""
    loss = getattr(keras.losses, kind)(reduction=None, dtype="float64", **settings)
    return keras.ops.convert_to_numpy(loss(np.array(labels), probabilities))


def some_predictions() -> list[tuple[int, np.ndarray]]:
    """Labels and predictions: the rest shared or for a rival, and some by softmax."""
    rng = np.random.default_rng(6)
    made = []
    for label, share in zip(rng.integers(0, 10, 60), rng.uniform(1e-5, 1 - 1e-5, 60), strict=True):
        made.append((int(label), softmax.prediction(label, share)))
        made.append((int(label), softmax.prediction(label, share, (label + 3) % 10)))
        made.append((int(label), scipy.special.softmax(rng.normal(size=10) * 3)))
    return made


def test_softmax_is_that_of_keras():
    values = np.random.default_rng(0).normal(size=(20, 10)).astype(np.float32) * 30
    theirs = keras.ops.convert_to_numpy(keras.activations.softmax(values))
    for row, expected in zip(values, theirs, strict=True):
        ours = softmax.compute_softmax(row, np.float32, stable=True)
        np.testing.assert_allclose(ours.probabilities, expected, rtol=2e-5, atol=1e-30)


@pytest.mark.parametrize(
    ("first", "dtype", "failed"),
    [
        (88.7, np.float32, ""),
        (88.8, np.float32, "Overflow: inf / inf is nan"),
        (110, np.float32, "Overflow: inf / inf is nan"),
        (110, np.float64, ""),
        (709.7, np.float64, ""),
        (709.8, np.float64, "Overflow: inf / inf is nan"),
        (710, np.float64, "Overflow: inf / inf is nan"),
    ],
)
def test_where_the_plain_formula_overflows(first, dtype, failed):
    values = np.array([first, -35.1, 0.2, 1.1, 10])
    plain, stable = (softmax.compute_softmax(values, dtype, way) for way in (False, True))
    assert plain.failed == failed
    assert np.isnan(plain.probabilities[0]) == bool(failed)
    assert not stable.failed
    np.testing.assert_allclose(stable.probabilities, scipy.special.softmax(values), atol=1e-7)


def test_the_other_ways_to_fail():
    sums = softmax.compute_softmax(np.full(3, 88.5), np.float32, stable=False)
    assert np.isfinite(sums.exponentials).all()
    assert sums.failed == "Overflow of the sum: anything / inf is 0"
    assert not sums.probabilities.any()
    small = softmax.compute_softmax(np.full(2, -1000.0), np.float64, stable=False)
    assert small.failed == "Underflow: 0 / 0 is nan"
    assert np.isnan(small.probabilities).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_largest_exponent_is_the_last_that_is_finite(dtype):
    limit = dtype(softmax.largest_exponent(dtype))
    with np.errstate(over="ignore"):
        assert np.isfinite(np.exp(limit * dtype(0.9999)))
        assert np.isinf(np.exp(limit * dtype(1.0001)))


@settings(max_examples=30)
@given(logits, st.integers(0, 9), st.floats(0.05, 20))
def test_the_curve_of_one_logit_is_softmax_again(values, at, temperature):
    at %= len(values)
    curve = softmax.of_one_logit(values, at, temperature)
    for x, y in zip(curve.x[::50], curve.y[::50], strict=True):
        moved = values.copy()
        moved[at] = x
        assert y == pytest.approx(
            scipy.special.softmax(moved / temperature)[at], rel=1e-6, abs=1e-12
        )
    assert curve.x[0] <= values[at] <= curve.x[-1]
    assert curve.y[0] < 0.003 < 0.997 < curve.y[-1]  # as far as it bends
    assert curve.y[100] == pytest.approx(0.5)
    rest = softmax.combined_logit(values, at, temperature)
    moved = values.copy()
    moved[at] = rest
    assert scipy.special.softmax(moved / temperature)[at] == pytest.approx(0.5)


def test_both_losses_are_those_of_keras():
    labels, predictions = zip(*some_predictions(), strict=True)
    given_to = np.array(predictions)
    assert given_to.sum(axis=1) == pytest.approx(1)
    pairs = list(zip(labels, predictions, strict=True))
    sparse = [softmax.sparse_cross_entropy(label, p) for label, p in pairs]
    hot = [softmax.cross_entropy(softmax.one_hot(label), p) for label, p in pairs]
    assert hot == pytest.approx(sparse)
    theirs = keras_losses("SparseCategoricalCrossentropy", labels, given_to)
    assert sparse == pytest.approx(theirs, rel=1e-5, abs=2e-6)
    one_hot = keras.utils.to_categorical(labels, 10)
    theirs = keras_losses("CategoricalCrossentropy", one_hot, given_to)
    assert hot == pytest.approx(theirs, rel=1e-5, abs=2e-6)


def test_guessing_costs_ln_10_and_impossible_costs_everything():
    for label in range(10):
        assert softmax.sparse_cross_entropy(label, np.full(10, 0.1)) == pytest.approx(np.log(10))
    assert softmax.sparse_cross_entropy(3, softmax.prediction(3, 0.0)) == np.inf
    assert softmax.sparse_cross_entropy(3, softmax.prediction(3, 1.0)) == 0
    assert softmax.cross_entropy(softmax.one_hot(3), softmax.prediction(3, 1.0)) == 0


@pytest.mark.parametrize("smoothing", [0, 0.05, 0.1, 0.9])
def test_smoothed_labels_and_their_loss_are_those_of_keras(smoothing):
    pairs = [(label, p) for label, p in some_predictions() if p.min() > 1e-6]
    labels, given_to = [label for label, _ in pairs], np.array([p for _, p in pairs])
    assert softmax.one_hot(3, smoothing).sum() == pytest.approx(1)
    ours = [softmax.cross_entropy(softmax.one_hot(label, smoothing), p) for label, p in pairs]
    one_hot = keras.utils.to_categorical(labels, 10)
    theirs = keras_losses("CategoricalCrossentropy", one_hot, given_to, label_smoothing=smoothing)
    assert ours == pytest.approx(theirs, rel=1e-5, abs=2e-6)


@pytest.mark.parametrize("smoothing", [0.01, 0.1, 0.5, 0.9])
def test_the_best_prediction_is_the_target(smoothing):
    target = softmax.one_hot(3, smoothing)
    best = 1 - 0.9 * smoothing
    assert target[3] == pytest.approx(best)
    curve = softmax.smoothed_loss(smoothing)
    assert curve.x[curve.y.argmin()] == pytest.approx(best, abs=0.003)
    entropy = scipy.special.entr(target).sum()
    assert entropy <= curve.y.min() <= entropy + 1e-3
    for x, y in zip(curve.x[::40], curve.y[::40], strict=True):
        assert y == pytest.approx(softmax.cross_entropy(target, softmax.prediction(3, x)))


@settings(max_examples=30)
@given(st.lists(st.floats(-20, 20), min_size=10, max_size=10), digits, st.floats(0, 0.9))
def test_the_gradient_is_the_one_of_finite_differences(values, label, smoothing):
    z, target = np.array(values), softmax.one_hot(label, smoothing)
    found = softmax.gradient(target, scipy.special.softmax(z))
    step = 1e-4
    for at in range(10):
        up, down = z.copy(), z.copy()
        up[at] += step
        down[at] -= step
        # by log-softmax, where no probability is too small for its logarithm
        loss = [float(-(target * scipy.special.log_softmax(v)).sum()) for v in (up, down)]
        assert found[at] == pytest.approx((loss[0] - loss[1]) / (2 * step), abs=1e-6)
    assert found.sum() == pytest.approx(0, abs=1e-12)


def test_one_hot_labels_of_keras_are_float64():
    assert keras.utils.to_categorical([3], 10).dtype == np.float64
