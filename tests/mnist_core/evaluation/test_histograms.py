"""Histograms of arrays against NumPy."""

import numpy as np
import pytest

from mnist_core.evaluation.histograms import BINS, histograms

RNG = np.random.default_rng(4)


@pytest.mark.parametrize("shape", [(7,), (3, 3, 8, 16), (400, 64)])
def test_values_near_the_mean_are_counted_as_numpy_counts_them(shape):
    values = RNG.uniform(-2, 5, shape)
    found = histograms([values])
    counts, edges = np.histogram(values, BINS)
    np.testing.assert_array_equal(found.counts, [counts])
    np.testing.assert_allclose(found.ends, edges[None, [0, -1]], rtol=1e-6)
    np.testing.assert_allclose(found.middles(0), (edges[:-1] + edges[1:]) / 2, atol=1e-6)
    assert found.spreads[0] == pytest.approx(values.std(), rel=1e-6)


def test_far_values_are_counted_at_the_ends():
    values = np.append(RNG.normal(1, 0.1, 100_000), [-50, 30, 30])
    found = histograms([values])
    ends = values.mean() - 4 * values.std(), values.mean() + 4 * values.std()
    np.testing.assert_allclose(found.ends[0], ends, rtol=1e-6)
    expected = np.histogram(np.clip(values, *ends), BINS, ends)[0]
    np.testing.assert_array_equal(found.counts[0], expected)
    assert (found.counts[0, [0, -1]] == [1, 2]).all()


def test_each_array_has_its_own():
    arrays = [RNG.normal(0, scale, 50).astype(np.float32) for scale in (1, 1e-3, 1e-42)]
    found = histograms(arrays)
    assert found.counts.shape == (3, BINS)
    assert (found.counts.sum(axis=1) == 50).all()
    np.testing.assert_allclose(found.spreads[:2], [array.std() for array in arrays[:2]], rtol=1e-5)


def test_equal_values_and_numbers_that_are_none():
    found = histograms([np.full(9, 0.5), np.array([np.nan, np.inf, -1, 1]), np.full(3, np.nan)])
    assert found.counts.sum(axis=1).tolist() == [9, 2, 0]
    assert found.ends.tolist() == [[0.5, 0.5], [-1, 1], [0, 0]]
    assert found.spreads.tolist() == [0, 1, 0]
