"""Accuracy on distorted images and answers withheld, against plain loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.dataset import mnist
from mnist_core.evaluation.report import Report
from mnist_core.execution import robustness
from mnist_core.execution.job_tasks import Cancelled
from mnist_core.insight.distortions import DISTORTIONS, amounts_below
from mnist_core.insight.selective_prediction import SelectivePrediction


@pytest.fixture(scope="module")
def few(trained_run):
    """(curves of the trained network on 200 of the images, the shares that it reported)."""
    store, run_id = trained_run
    told: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "sample_rows", lambda: np.arange(0, 10_000, 50))
        return robustness.curves(store, store.run(run_id), told.append), told


def test_curves_are_what_the_network_makes_of_those_images(few, classify):
    found, _ = few
    rows, data = np.arange(0, 10_000, 50), mnist.load()
    assert list(found) == list(DISTORTIONS)
    for name, level in (("shifted", 4), ("noised", 7), ("inverted", 0)):
        distortion = DISTORTIONS[name]
        images = distortion.apply(data.x_test[rows], distortion.levels[level], rows)
        given = classify(images)
        accuracy = (given.argmax(axis=1) == data.y_test[rows]).mean()
        assert found[name][:, level] == pytest.approx(
            [accuracy, given.max(axis=1).mean()], abs=1e-4
        )


def test_every_curve_is_best_where_nothing_is_changed(few):
    for name, (accuracy, confidence) in few[0].items():
        distortion = DISTORTIONS[name]
        assert accuracy.shape == confidence.shape == (len(distortion.levels),)
        plain = accuracy[distortion.levels.index(distortion.none)]
        assert plain > 0.97
        assert accuracy.max() <= plain + 0.01
        assert accuracy.min() < plain - 0.02


def test_progress_rises_and_cancelling_ends_it(few, trained_run):
    told = few[1]
    assert told == sorted(told)
    assert told[0] == 0
    assert 0.95 < told[-1] < 1

    def cancel(done: float) -> None:
        raise Cancelled

    store, run_id = trained_run
    with pytest.raises(Cancelled):
        robustness.curves(store, store.run(run_id), cancel)


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


@pytest.mark.parametrize(
    ("name", "accuracy", "expected"),
    [
        ("rotated", [0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3, 0.95], [30]),  # 0.9 is not below
        ("scaled", [0.3, 0.95, 0.8, 0.95, 0.99, 0.95, 0.95, 0.2], [60, 160]),  # the nearest ones
        ("scaled", [0.95, 0.95, 0.95, 0.95, 0.99, 0.8, 0.7, 0.2], [120]),
        ("thickened", [0.2, 0.95, 0.95, 0.89, 0.95, 0.2, 0.2, 0.2], [0]),
        ("blurred", [0.99] * 8, []),
    ],
)
def test_where_accuracy_falls_below_nine_of_ten(name, accuracy, expected):
    assert amounts_below(0.9, DISTORTIONS[name], np.array(accuracy)) == expected
