"""The best of many measurements against SciPy and a simulation; sizes against real splits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from mnist_core.dataset import mnist, samples
from mnist_core.network.spec import Split
from mnist_core.teaching.concepts import holdout

ACCURACIES = st.floats(0.5, 0.999)
IMAGES = st.sampled_from([100, 500, 2000, 10_000])
TRIED = st.integers(1, 1000)


@settings(max_examples=20, deadline=None)
@given(TRIED, ACCURACIES, IMAGES)
def test_the_best_of_k_on_average_is_the_order_statistics_mean(k, accuracy, images):
    below = stats.binom.cdf(np.arange(images), images, accuracy)
    [found] = holdout.expected_best(np.array([k]), accuracy, images)
    assert found == pytest.approx((1 - below**k).sum() / images, abs=1e-10)


def test_the_best_of_k_on_average_is_what_a_simulation_finds():
    best = np.random.default_rng(7).binomial(1000, 0.97, (20_000, 50)).max(axis=1) / 1000
    [found] = holdout.expected_best(np.array([50]), 0.97, 1000)
    assert found == pytest.approx(best.mean(), abs=4 * best.std() / 20_000**0.5)
    assert holdout.flattering(50, 0.97, 1000) == pytest.approx((best > 0.97).mean(), abs=0.001)
    one = np.random.default_rng(8).binomial(1000, 0.97, 40_000) / 1000
    assert holdout.flattering(1, 0.97, 1000) == pytest.approx((one > 0.97).mean(), abs=0.01)
    assert holdout.deviation(0.97, 1000) == pytest.approx(one.std(), rel=0.02)


@settings(max_examples=20, deadline=None)
@given(TRIED, ACCURACIES, IMAGES)
def test_the_rule_of_thumb_is_never_too_low(k, accuracy, images):
    tried = np.array([1, k])
    rule = holdout.rule_of_thumb(tried, accuracy, images)
    exact = holdout.expected_best(tried, accuracy, images)
    assert (exact <= rule + 1e-12).all()
    assert exact[0] == pytest.approx(accuracy, abs=1e-12)  # one setting alone is honest
    assert exact[0] <= exact[1] + 1e-12
    assert exact[1] <= 1 + 1e-12


@pytest.mark.parametrize(("accuracy", "images"), [(0.29, 100), (0.57, 100), (0.99, 10_000)])
def test_flattering_means_above_the_truth_and_not_equal_to_it(accuracy, images):
    whole = round(accuracy * images)
    above = stats.binom.sf(whole, images, accuracy)
    assert holdout.flattering(1, accuracy, images) == pytest.approx(above)
    assert 0.999 < holdout.flattering(1000, accuracy, images) < 1


def test_a_draw_has_the_best_of_its_own_measurements():
    drawn = holdout.draw(200, 0.9, 500, seed=3)
    again = holdout.draw(200, 0.9, 500, seed=3)
    np.testing.assert_array_equal(drawn.measured, again.measured)
    assert drawn.best == sorted(drawn.measured)[-1]
    assert drawn.ties == list(drawn.measured).count(drawn.best)
    assert drawn.measured.mean() == pytest.approx(0.9, abs=4 * holdout.deviation(0.9, 500 * 200))
    assert (drawn.fresh * mnist.TEST_IMAGES) % 1 == pytest.approx(0, abs=1e-9)
    assert holdout.FRESH == mnist.TEST_IMAGES
    assert abs(drawn.fresh - 0.9) < 4 * holdout.deviation(0.9, holdout.FRESH)
    assert holdout.draw(200, 0.9, 500, seed=4).best != drawn.measured[0]


SPLITS = [
    Split(),
    Split(kind="fraction", fraction=0.2),
    Split(kind="fraction", fraction=0.1, limit=12_345),
    Split(kind="none", limit=5000),
    Split(kind="test"),
    Split(kind="test", digits=(0, 1, 2, 3, 4)),
    Split(count=20, limit=100, digits=(4, 9)),
    *[Split(kind="fold", folds=7, fold=fold, limit=1001) for fold in range(1, 8)],
]


@pytest.mark.parametrize("split", SPLITS)
def test_sizes_are_those_of_the_split_itself(split):
    counted = holdout.sizes(split)
    train, validation, _ = samples.parts(split)
    assert counted.train == len(train.rows)
    assert counted.validation + counted.both == len(validation.rows)
    assert counted.leaks == mnist.partition(split).leaks
    parts = (counted.train, counted.validation, counted.test, counted.both, counted.unused)
    assert sum(parts) == 70_000
