"""The vote of several networks against scikit-learn's soft voting."""

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import VotingClassifier

from mnist_core.evaluation.ensemble import vote
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.statistics import CompareError

LABELS = np.arange(2000) % 10


class Stored(ClassifierMixin, BaseEstimator):
    """A classifier that answers with these probabilities, whatever it is asked."""

    def __init__(self, probabilities=None) -> None:
        self.probabilities = probabilities

    def fit(self, images, labels) -> "Stored":
        self.classes_ = np.unique(labels)
        return self

    def predict_proba(self, images) -> np.ndarray:
        assert self.probabilities is not None
        return self.probabilities


@pytest.fixture(scope="module")
def members() -> list[Report]:
    """Three networks that are right on about four images in five."""
    rng = np.random.default_rng(5)
    logits = rng.normal(size=(3, len(LABELS), 10)) * 1.5
    logits[:, np.arange(len(LABELS)), LABELS] += 3
    shares = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return [Report(each.astype(np.float32), LABELS) for each in shares]


def test_the_vote_is_scikit_learns_soft_voting(members):
    named = [(f"{at}", Stored(member.probabilities)) for at, member in enumerate(members)]
    images = np.zeros((len(LABELS), 1))
    theirs = VotingClassifier(named, voting="soft").fit(images, LABELS)
    ours = vote(members).report
    np.testing.assert_allclose(ours.probabilities, theirs.predict_proba(images), atol=1e-7)
    assert ours.accuracy == theirs.score(images, LABELS)


def test_what_it_fixes_and_breaks_is_counted_against_the_best_member(members):
    found = vote(members)
    accuracies = [member.accuracy for member in members]
    assert found.best == int(np.argmax(accuracies))
    best = members[found.best].predicted == LABELS
    voted = found.report.predicted == LABELS
    assert set(found.test.only_a) == set(np.flatnonzero(voted & ~best))
    assert set(found.test.only_b) == set(np.flatnonzero(best & ~voted))
    split = len(found.test.only_a), len(found.test.only_b)
    assert found.test.p_value == pytest.approx(binomtest(split[0], sum(split)).pvalue)
    assert split[0] > split[1]  # errors that differ cancel
    shared = np.all([member.predicted != LABELS for member in members], axis=0)
    assert found.shared == shared.sum() > 0


def test_copies_of_one_network_change_nothing(members):
    found = vote([members[0]] * 3)
    assert found.report.accuracy == members[0].accuracy
    assert found.best == 0
    assert found.test.disputed == 0


def test_two_networks_are_enough(members):
    found = vote(members[:2])
    mean = (members[0].probabilities + members[1].probabilities) / 2
    np.testing.assert_allclose(found.report.probabilities, mean, atol=1e-7)


def test_one_network_and_other_images_are_refused(members):
    with pytest.raises(CompareError, match="at least two networks; received 1"):
        vote(members[:1])
    other = Report(members[1].probabilities, LABELS[::-1])
    with pytest.raises(CompareError, match="the same test set"):
        vote([members[0], other])
