"""The small network against TensorFlow's tape and against finite differences."""

from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from mnist_core.teaching.concepts import backpropagation
from mnist_core.teaching.concepts.backpropagation import FIRST, run
from mnist_core.teaching.concepts.tables import LARGEST, TableError

CASES = [(np.random.default_rng(seed), seed % 2) for seed in range(6)]


@pytest.mark.parametrize(("random", "label"), CASES)
def test_both_passes_are_those_of_tensorflow(random, label):
    given, x = random.normal(0, 2, (3, 3)), random.normal(0, 2, 2)
    found = run(given, x, label)
    table, inputs = tf.Variable(given), tf.Variable(x[np.newaxis])
    with tf.GradientTape() as tape:
        hidden = tf.sigmoid(inputs @ table[:2, :2] + table[2, :2])
        logit = hidden @ table[:2, 2:] + table[2, 2]
        labels = tf.constant([[label]], tf.float64)
        loss = tf.nn.sigmoid_cross_entropy_with_logits(labels, logit)[0, 0]
    slopes: Any = tape.gradient(loss, [table, inputs])
    gradient, x_grad = slopes
    np.testing.assert_allclose(found.h, hidden[0], rtol=1e-12)
    np.testing.assert_allclose(found.loss, loss, rtol=1e-12)
    np.testing.assert_allclose(found.gradient, gradient, rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(found.x_grad, x_grad[0], rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize(("random", "label"), CASES)
def test_each_slope_is_what_a_nudge_measures(random, label):
    found = run(random.normal(0, 1, (3, 3)), random.normal(0, 1, 2), label)
    for row, column in np.ndindex(3, 3):
        slope = backpropagation.measured_slope(found, row, column)
        assert slope == pytest.approx(found.gradient[row, column], abs=1e-6)


def test_steps_lower_the_loss_and_come_one_after_the_other():
    first = run(FIRST, np.array([1.0, 0.5]), 0)
    once = run(backpropagation.step(first, 0.5), first.x, 0)
    assert once.loss < first.loss
    np.testing.assert_array_equal(
        backpropagation.step(first, 0.5, times=2), backpropagation.step(once, 0.5)
    )


def test_an_output_that_is_certain_and_wrong_has_a_finite_loss():
    sure = run(np.full((3, 3), 900.0), np.array([1.0, 1.0]), 0)
    assert sure.loss == pytest.approx(2700)
    assert sure.z_out_grad == 1


def test_an_empty_cell_is_a_sentence():
    with pytest.raises(TableError, match="weights and biases"):
        run(np.full((3, 3), np.nan), np.zeros(2), 1)


@pytest.mark.parametrize("end", [-LARGEST, LARGEST])
def test_the_largest_numbers_of_a_table_can_be_nudged_and_trained(end):
    wrong = run(np.full((3, 3), float(end)), np.array([2.0, 2.0]), int(end < 0))
    assert np.isfinite(backpropagation.measured_slope(wrong, 0, 0))
    trained = backpropagation.step(wrong, 5.0, times=10)
    assert run(trained, wrong.x, wrong.label).loss <= wrong.loss
    away = run(np.full((3, 3), float(end)), np.array([2.0, 2.0]), int(end > 0))
    assert abs(backpropagation.step(away, 5.0)).max() <= LARGEST
