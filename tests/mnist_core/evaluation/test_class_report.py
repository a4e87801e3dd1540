"""The report of a class against SciPy and scikit-learn."""

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import accuracy_score

from mnist_core.evaluation.class_report import ClassReport, WriterScore
from mnist_core.evaluation.report import Report


def report(writers: np.ndarray, right: np.ndarray) -> ClassReport:
    labels = np.arange(len(writers)) % 10
    read = np.where(right, labels, (labels + 1) % 10)
    return ClassReport(Report(np.eye(10, dtype=np.float32)[read], labels), writers)


def test_scores_are_those_of_each_writer():
    rng = np.random.default_rng(0)
    writers, right = rng.integers(1, 6, 200) * 3, rng.random(200) < 0.8
    found = report(writers, right)
    for score in found.by_writer:
        own = writers == score.writer
        labels, read = found.report.labels[own], found.report.predicted[own]
        assert score.digits == own.sum()
        assert score.right == accuracy_score(labels, read, normalize=False)
    assert [score.writer for score in found.by_writer] == [3, 6, 9, 12, 15]


def test_with_equally_many_digits_the_interval_is_that_of_the_writers_means():
    rng = np.random.default_rng(1)
    writers, right = np.repeat([1, 2, 3, 4], 20), rng.random(80) < 0.7
    means = right.reshape(4, 20).mean(axis=1)
    expected = stats.t.interval(0.95, 3, means.mean(), stats.sem(means))
    assert report(writers, right).interval == pytest.approx(expected)


def test_few_writers_who_are_alike_by_chance_make_it_no_narrower_than_independent_digits():
    right = np.concatenate([np.arange(n) > wrong for n, wrong in ((30, 1), (30, 1), (4, -1))])
    found = report(np.repeat([1, 2, 3], [30, 30, 4]), right)
    expected = stats.binomtest(60, 64).proportion_ci(method="wilson")
    assert found.report.wrong == 4
    assert found.interval is not None
    assert found.interval[0] <= expected.low
    assert found.interval[1] >= expected.high


def test_the_interval_covers_the_truth_for_writers_who_differ():
    """Each writer has an own accuracy, 0.8 on average, and 5 to 30 digits."""
    rng, covered = np.random.default_rng(2), 0
    for _ in range(400):
        digits = rng.integers(5, 31, 12)
        own = rng.beta(8, 2, 12)
        writers = np.repeat(np.arange(12), digits)
        interval = report(writers, rng.random(len(writers)) < own[writers]).interval
        assert interval
        covered += interval[0] <= 0.8 <= interval[1]
    assert 0.91 < covered / 400 < 0.98


def test_one_writer_or_no_difference_has_no_interval():
    assert report(np.ones(20, int), np.arange(20) > 3).interval is None
    assert report(np.repeat([1, 2], 10), np.ones(20, bool)).interval is None
    digits = np.array([11, 55, 11])  # 3 of 11, 15 of 55: equal, but not in floating point
    right = np.concatenate([np.arange(n) < 3 * n // 11 for n in digits])
    assert report(np.repeat([1, 2, 3], digits), right).interval is None
    single = report(np.array([4]), np.array([True]))
    assert single.by_writer == (WriterScore(4, 1, 1),)


def test_the_interval_stays_between_0_and_1():
    low, high = report(np.repeat([1, 2], 10), np.arange(20) > 0).interval or (-1, 2)
    assert 0 <= low < high == 1
