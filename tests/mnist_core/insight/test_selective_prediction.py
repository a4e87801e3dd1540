"""Answers withheld below a threshold, against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.evaluation.report import Report
from mnist_core.insight.selective_prediction import SelectivePrediction


@given(
    st.lists(st.tuples(st.integers(10, 20), st.booleans()), min_size=1, max_size=30),
    st.integers(0, 21),
)
def test_answers_are_those_of_a_plain_loop(images, threshold):
    """Few different confidences, so that many are equal, and some equal the threshold."""
    probabilities = np.zeros((len(images), 10), np.float32)
    labels = np.zeros(len(images), int)
    for row, (confidence, right) in enumerate(images):
        probabilities[row, 3] = confidence / 20
        labels[row] = 3 if right else 4
    rejection = SelectivePrediction(Report(probabilities, labels))
    least = float(np.float32(threshold / 20))
    answered = [right for row, (_, right) in enumerate(images) if probabilities[row, 3] >= least]
    found = rejection.at(least)
    wrong = answered.count(False)
    assert (found.images, found.answered, found.wrong) == (len(images), len(answered), wrong)
    assert found.withheld == [right for _, right in images].count(False) - wrong
    assert found.coverage == len(answered) / len(images)
    expected = answered.count(True) / len(answered) if answered else None
    assert found.accuracy == pytest.approx(expected)


def test_the_curve_is_made_of_such_answers():
    rng = np.random.default_rng(3)
    probabilities = rng.dirichlet(np.ones(10) / 3, 500).astype(np.float32)
    labels = np.where(rng.random(500) < 0.8, probabilities.argmax(axis=1), rng.integers(0, 10, 500))
    rejection = SelectivePrediction(Report(probabilities, labels))
    coverage, accuracy, thresholds = rejection.curve(points=100)
    assert len(coverage) == len(accuracy) == len(thresholds) == 100
    assert coverage[0] == 1
    assert accuracy[0] == pytest.approx(rejection.report.accuracy)
    assert np.all(np.diff(coverage) < 0)
    for share, right, threshold in zip(coverage, accuracy, thresholds, strict=True):
        found = rejection.at(threshold)
        assert (found.coverage, found.accuracy) == (share, pytest.approx(right))
