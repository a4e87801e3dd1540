"""Ten probabilities as a sentence: checked against sorting, for any ten probabilities."""

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_core.evaluation.prediction import Reading, ReadingError, read

WEIGHTS = arrays(np.float64, 10, elements=st.floats(0, 1, width=32))


def normalised(weights: np.ndarray) -> np.ndarray:
    assume(weights.sum() > 1e-3)
    return (weights / weights.sum()).astype(np.float32)


@given(WEIGHTS)
def test_the_two_most_probable_digits_are_named(weights):
    probabilities = normalised(weights)
    reading = read(probabilities)
    ranked = sorted(range(10), key=lambda digit: (-probabilities[digit], digit))
    assert (reading.digit, reading.runner_up) == (ranked[0], ranked[1])
    assert reading.confidence == probabilities[reading.digit]
    assert reading.runner_up_probability == probabilities[reading.runner_up]
    first, _, rest = reading.sentence.partition("%")
    assert f" {reading.digit} (" in first
    assert f" {reading.runner_up} (" in rest


@given(WEIGHTS)
def test_a_reading_is_doubtful_below_seven_tenths_and_its_sentence_says_so(weights):
    reading = read(normalised(weights))
    assert reading.doubtful == (reading.confidence < 0.7)
    assert reading.doubtful == ("Probably" in reading.sentence and "could be" in reading.sentence)


@given(WEIGHTS)
def test_where_there_is_no_doubt_the_runner_up_is_far_behind(weights):
    reading = read(normalised(weights))
    margin = reading.confidence - reading.runner_up_probability
    assert reading.doubtful or margin > 0.4 - 1e-3


def test_the_sentences():
    doubtful = Reading(4, 0.552, 9, 0.301).sentence
    assert doubtful == "Probably a 4 (55.2\u00a0%), but it could be a 9 (30.1\u00a0%)."
    sure = Reading(8, 0.9999, 3, 0.0001).sentence
    assert sure == ("This is an 8 (>\u00a099.9\u00a0%). The runner-up is a 3 (<\u00a00.1\u00a0%).")


@pytest.mark.parametrize(
    "bad",
    [
        np.full(10, np.nan),
        np.full(10, 0.2),
        np.full(9, 1 / 9),
        np.full((1, 10), 0.1),
        np.array([1.5, -0.5] + [0.0] * 8),
        np.array([np.inf] + [0.0] * 9),
    ],
    ids=["diverged", "sum 2", "nine", "a row too many", "negative", "infinite"],
)
def test_what_is_no_probabilities_is_refused_with_the_way_out(bad):
    with pytest.raises(ReadingError, match=r"sum to 1; received shape .* lower learning rate"):
        read(bad)
