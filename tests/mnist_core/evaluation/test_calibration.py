"""Temperature scaling against SciPy's softmax and a network that is too sure by a known factor."""

import numpy as np
import pytest
from scipy.special import softmax

from mnist_core.evaluation import calibration
from mnist_core.evaluation.report import Report


@pytest.fixture(scope="module")
def logits():
    return np.random.default_rng(5).normal(size=(5000, 10)) * 3


def test_scaling_divides_the_logits_and_keeps_the_answers(logits):
    plain = softmax(logits, axis=1).astype(np.float32)
    assert calibration.scale(plain, 1.0) == pytest.approx(plain, abs=1e-6)
    for temperature in (0.5, 3.0):
        scaled = calibration.scale(plain, temperature)
        assert scaled == pytest.approx(softmax(logits / temperature, axis=1), abs=1e-5)
        assert np.array_equal(scaled.argmax(axis=1), plain.argmax(axis=1))


def test_a_probability_of_0_stays_tiny():
    certain = np.eye(10, dtype=np.float32)
    assert np.isfinite(calibration.scale(certain, 2.0)).all()
    assert calibration.scale(certain, 2.0) == pytest.approx(certain, abs=1e-6)


@pytest.mark.parametrize("factor", [0.5, 1.0, 2.5])
def test_the_best_temperature_takes_back_a_known_factor(logits, factor):
    """Labels are drawn from the true probabilities; the network multiplies its logits."""
    true = softmax(logits, axis=1)
    draws = np.random.default_rng(6).random((len(true), 1))
    labels = (true.cumsum(axis=1) < draws).sum(axis=1).clip(max=9)
    sure = softmax(factor * logits, axis=1).astype(np.float32)
    temperature = calibration.best_temperature(sure, labels)
    assert temperature == pytest.approx(factor, rel=0.05)
    best = Report(calibration.scale(sure, temperature), labels)
    for other in (0.97, 1.03):  # the slope of the loss is 0 there
        assert Report(calibration.scale(sure, other * temperature), labels).loss > best.loss
    if factor != 1:
        assert best.ece < Report(sure, labels).ece / 3
