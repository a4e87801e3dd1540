"""Every figure of a report, against scikit-learn or a worked example."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from mnist_core.evaluation.prediction import read
from mnist_core.evaluation.report import Report, about_loss
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Training


def random_report(seed: int, count: int = 500) -> Report:
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count)
    logits = rng.normal(size=(count, 10))
    logits[np.arange(count), labels] += 2
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return Report(probabilities.astype(np.float32), labels)


@given(st.lists(st.integers(1, 3), min_size=10, max_size=10), st.integers(0, 9))
def test_two_guesses_are_the_two_that_are_named(parts, label):
    """Few different probabilities, so that many are equal."""
    row = (np.array(parts) / sum(parts)).astype(np.float32)
    report, named = Report(row[None], np.array([label])), read(row)
    assert report.predicted.tolist() == [named.digit]
    assert report.top2_accuracy == float(label in (named.digit, named.runner_up))


@given(st.integers(0, 10_000), st.integers(1, 300))
def test_every_figure_is_scikit_learns(seed, count):
    report = random_report(seed, count)
    digits = range(10)
    labels, predicted = report.labels, report.predicted
    assert report.accuracy == pytest.approx(metrics.accuracy_score(labels, predicted))
    assert report.wrong == pytest.approx(metrics.zero_one_loss(labels, predicted, normalize=False))
    scores = report.probabilities.astype(np.float64)
    scores /= scores.sum(axis=1, keepdims=True)
    assert report.loss == pytest.approx(metrics.log_loss(labels, scores, labels=digits), rel=1e-5)
    assert report.top2_accuracy == pytest.approx(
        metrics.top_k_accuracy_score(labels, scores, k=2, labels=digits)
    )
    np.testing.assert_array_equal(
        report.confusion, metrics.confusion_matrix(labels, predicted, labels=digits)
    )
    expected = metrics.classification_report(
        labels, predicted, labels=digits, output_dict=True, zero_division=0
    )
    for row in (*report.classes, *report.averages):
        theirs = expected[row.label]
        ours = (row.precision, row.recall, row.f1, row.support)
        names = ("precision", "recall", "f1-score", "support")
        assert ours == pytest.approx(tuple(theirs[name] for name in names))


@pytest.mark.parametrize(
    ("notation", "smoothing", "words"),
    [
        ("F D8", 0.0, ""),
        ("F D8l2=0.01", 0.0, "include the L2 penalty, so"),
        ("F D8", 0.1, "include label smoothing, so"),
        ("C4l2=0.01 F", 0.1, "include the L2 penalty and label smoothing, so"),
    ],
)
def test_what_the_loss_of_a_training_has_besides_is_named(notation, smoothing, words):
    training = Training(loss="categorical_crossentropy", label_smoothing=smoothing)
    said = about_loss(Spec(network=parse(notation), training=training))
    assert words in said
    assert bool(said) == bool(words)


def test_a_certain_mistake_has_a_finite_loss():
    probabilities = np.zeros((1, 10), np.float32)
    probabilities[0, 3] = 1
    assert Report(probabilities, np.array([4])).loss == pytest.approx(87.34, abs=0.01)


def test_calibration_worked_by_hand():
    """Four answers at 0.75, three right; two at 0.95, one right: (4*0 + 2*0.45) / 6."""
    confidence = np.array([0.75] * 4 + [0.95] * 2)
    probabilities = np.full((6, 10), 0.0)
    probabilities[:, 1] = confidence
    probabilities[:, 2] = 1 - confidence
    report = Report(probabilities, np.array([1, 1, 1, 2, 1, 2]))
    assert report.ece == pytest.approx(0.15)
    bins = report.reliability
    assert bins.count[[11, 14]].tolist() == [4, 2]
    assert bins.accuracy[[11, 14]].tolist() == [0.75, 0.5]
    assert bins.confidence[14] == pytest.approx(0.95)
    assert np.isnan(bins.accuracy[0])


def test_perfect_confidence_falls_into_the_last_bin():
    report = Report(np.eye(10, dtype=np.float32), np.arange(10))
    assert report.reliability.count.tolist() == [0] * 14 + [10]
    assert report.ece == 0


def test_mistakes_come_most_confident_first():
    report = random_report(1)
    assert len(report.mistakes) == report.wrong
    assert (report.predicted[report.mistakes] != report.labels[report.mistakes]).all()
    assert (np.diff(report.confidence[report.mistakes]) <= 0).all()
