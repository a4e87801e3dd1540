"""The images that a run learns from, with a class's digits among them."""

from itertools import product

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.dataset.training_set import Digits, HandwritingError, training_set
from mnist_core.network.spec import Handwriting, Split

OURS = Digits(mnist.load().x_test[:7], mnist.load().y_test[:7])


def chosen(alone: bool = False) -> Handwriting:
    return Handwriting(images=7, writers=(1, 4), last=9, source=OURS.source, mnist=not alone)


@pytest.mark.parametrize(
    ("kind", "alone"),
    [*product(("last", "test", "none"), (False, True)), ("fold", False)],
)
def test_a_classs_digits_come_after_mnists_or_in_their_place(kind, alone):
    plain = Split(kind=kind, count=100, limit=600)
    split = Split(kind=kind, count=100, limit=600, handwriting=chosen(alone))
    data, before, now = mnist.load(), mnist.partition(plain), mnist.partition(split)
    rows = before.train[:0] if alone else before.train
    found = training_set(split, OURS)
    np.testing.assert_array_equal(
        found.images[found.rows], np.concatenate([data.x_train[rows], OURS.images])
    )
    np.testing.assert_array_equal(
        found.labels[found.rows], np.concatenate([data.y_train[rows], OURS.labels])
    )
    np.testing.assert_array_equal(now.train, rows)
    np.testing.assert_array_equal(now.validation, before.validation)
    assert (split.mnist_images, split.training_images) == (len(rows), len(found.rows))


def test_without_handwriting_they_are_rows_of_mnist():
    split = Split(kind="fold", folds=3, fold=2, limit=300)
    found = training_set(split)
    assert found.images is mnist.load().x_train
    np.testing.assert_array_equal(found.rows, mnist.partition(split).train)


@pytest.mark.parametrize("digits", [None, Digits(OURS.images, OURS.labels[::-1])])
def test_digits_that_are_missing_or_others_are_refused(digits):
    with pytest.raises(HandwritingError, match=f"{OURS.source}.* is missing or has changed: pass"):
        training_set(Split(handwriting=chosen()), digits)
