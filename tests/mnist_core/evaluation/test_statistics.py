"""Wilson's interval, the spread of repeated runs and McNemar's test, against SciPy and pandas."""

import re
from itertools import combinations_with_replacement

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import binomtest

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.statistics import (
    CompareError,
    McNemar,
    band,
    mcnemar,
    spread,
    wilson_interval,
)


def epoch(number: int, accuracy: float) -> Epoch:
    return Epoch(number, 1 - accuracy, accuracy, None, None, 1e-3, 1.0)


@given(st.integers(1, 10_000), st.data())
@example(10_000, None)
@example(1, None)
def test_wilson_intervals_are_scipys(images, data):
    """Within the rounding of z = 1.96; the examples are all wrong and all right."""
    for right in {0, images, data.draw(st.integers(0, images)) if data else images // 2}:
        low, high = wilson_interval(right / images, images)
        exact = binomtest(right, images).proportion_ci(method="wilson")
        assert (low, high) == pytest.approx((exact.low, exact.high), abs=1e-4)
        assert 0 <= low <= right / images <= high <= 1


def test_spread_is_students_own():
    """Student 1908: ten patients' gain of sleep; mean 1.58, and R's t.test(sleep) as interval."""
    found = spread([1.2, 2.4, 1.3, 1.3, 0.0, 1.0, 1.8, 0.8, 4.6, 1.4])
    assert found is not None
    assert found.mean == pytest.approx(1.58)
    assert found.deviation == pytest.approx(1.229995, abs=1e-6)
    assert (found.low, found.high) == pytest.approx((0.7001142, 2.4598858), abs=1e-7)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=20))
def test_spread_is_scipys(values):
    found = spread(values)
    assert found is not None
    assert found.n == len(values)
    assert found.deviation == pytest.approx(np.std(values, ddof=1))
    assert (found.least, found.most) == (min(values), max(values))
    if found.deviation:
        mean, error = np.mean(values), stats.sem(values)
        interval = stats.t.interval(0.95, len(values) - 1, loc=mean, scale=error)
        assert (found.low, found.high) == pytest.approx(interval)


def test_one_value_has_no_spread_and_none_has_nothing():
    alone = spread([0.9])
    assert alone is not None
    assert (alone.mean, alone.deviation, alone.low, alone.high) == (0.9, None, None, None)
    assert spread([]) is None


def test_curves_are_aligned_by_epoch():
    """Runs of 3, 2 and no epochs: pandas aligns them as well."""
    rows = [[0.5, 0.7, 0.8], [0.6, 0.9], []]
    histories = [[epoch(i, value) for i, value in enumerate(row, 1)] for row in rows]
    found = band(histories, "accuracy")
    frame = pd.concat([pd.Series(row, dtype=float) for row in rows], axis=1).T
    assert found.epochs.tolist() == [1, 2, 3]
    assert found.count.tolist() == [2, 2, 1]
    np.testing.assert_allclose(found.mean, frame.mean())
    np.testing.assert_allclose(found.deviation, frame.std(ddof=1))
    assert np.isnan(found.deviation[2])


def test_without_validation_the_curve_is_empty():
    assert not len(band([[epoch(1, 0.5)], []], "val_accuracy").mean)
    assert not len(band([], "loss").mean)


def counted(only_a: int, only_b: int) -> McNemar:
    return McNemar(90, np.arange(only_a), np.arange(only_b), 3)


def test_a_p_value_worked_by_hand():
    """Two to eight: heads in ten tosses at most 2, (1 + 10 + 45) / 1024, on both sides."""
    assert counted(8, 2).p_value == 2 * 56 / 1024
    assert counted(0, 1).p_value == 1
    assert counted(0, 6).p_value == 2 / 64
    assert counted(5, 5).p_value == 1
    assert counted(0, 0).p_value == 1


@given(st.integers(0, 300), st.integers(0, 300))
def test_p_values_are_scipys(b, c):
    expected = binomtest(b, b + c).pvalue if b + c else 1
    assert counted(b, c).p_value == pytest.approx(expected, rel=1e-9)


def test_p_values_of_whole_test_sets():
    assert counted(4_000, 6_000).p_value == pytest.approx(binomtest(4_000, 10_000).pvalue, rel=1e-6)
    assert counted(5_000, 5_000).p_value == 1


@pytest.fixture(scope="module")
def reports() -> tuple[Report, Report]:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 10, 500)
    answers = [rng.dirichlet(np.full(10, 0.5), 500).astype(np.float32) for _ in range(2)]
    for probabilities in answers:
        known = rng.random(500) < 0.7
        probabilities[known, labels[known]] += 1
    return Report(answers[0], labels), Report(answers[1], labels)


def test_a_pair_counts_every_image_once(reports):
    a, b = reports
    found = mcnemar(a, b)
    right = [(a.predicted[i] == a.labels[i], b.predicted[i] == b.labels[i]) for i in range(500)]
    counts = {
        both: right.count(both)
        for both in ((True, True), (True, False), (False, True), (False, False))
    }
    assert found.both == counts[True, True]
    assert len(found.only_a) == counts[True, False]
    assert len(found.only_b) == counts[False, True]
    assert found.neither == counts[False, False]
    assert {tuple(right[row]) for row in found.only_a} == {(True, False)}
    assert (np.diff(b.confidence[found.only_a]) <= 0).all()
    turned = mcnemar(b, a)
    assert turned.p_value == found.p_value
    np.testing.assert_array_equal(turned.only_a, found.only_b)


def test_other_images_are_refused(reports):
    a, b = reports
    with pytest.raises(CompareError, match="same test set"):
        mcnemar(a, Report(b.probabilities[:400], b.labels[:400]))


def test_the_sentence_says_what_was_counted():
    words = counted(36, 26).sentence("Run 3", "Run 5")
    assert words.startswith("Run 3 reads 10 more digits correctly than Run 5. Of 62 images that")
    assert "Run 3 gets 36 and Run 5 26" in words
    p = binomtest(26, 62).pvalue
    assert f"{100 * p:.0f} of 100" in words
    assert f"p = {p:.2g}" in words
    assert "could be chance" in counted(36, 26).verdict("A", "B")
    assert counted(26, 36).sentence("Run 3", "Run 5").startswith("Run 5 reads 10 more digits")


def test_a_frequency_is_the_p_value_rounded_in_the_smallest_hundreds_that_show_it():
    for split in combinations_with_replacement(range(24), 2):
        test = counted(*split)
        found = re.search(r"in (all|fewer than 1 of 10,000|(\d+) of ([\d,]+)) such", test.chance)
        assert found
        p, times, of = test.p_value, found[2], float((found[3] or "100").replace(",", ""))
        if found[1] == "all":
            assert p >= 0.995
        elif times is None:
            assert p < 0.95 / 10_000
        else:
            assert of in (100, 1_000, 10_000)
            assert 1 <= int(times) < of
            assert int(times) == pytest.approx(p * of, abs=0.5)
            assert of == 100 or p < 0.95 / (of / 10)
        assert test.chance.endswith("(p < 0.0001)" if p < 1e-4 else f"(p = {p:.2g})")


def test_sentences_at_the_ends():
    assert "very same images" in counted(0, 0).sentence("A", "B")
    assert "equally many" in counted(7, 7).sentence("A", "B")
    assert "in all such test sets" in counted(7, 7).sentence("A", "B")
    assert "fewer than 1 of 10,000 such" in counted(0, 40).sentence("A", "B")
    assert "p < 0.0001" in counted(0, 40).sentence("A", "B")
    assert 0.9 < binomtest(65, 132).pvalue < 0.995
    assert "in 93 of 100 such test sets" in counted(65, 67).sentence("A", "B")
    assert "4 of 1,000" in counted(0, 9).sentence("A", "B")  # 2 / 512
    assert (
        counted(0, 9).verdict("A", "B").startswith("B does better on MNIST, and this is unlikely")
    )
    assert counted(9, 0).verdict("A", "B").startswith("A does better")
