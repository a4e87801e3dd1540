"""Histograms of weights or gradients, layer by layer."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 50
REACH = 4
"""The bins span at most this many standard deviations on each side of the mean."""


@dataclass(frozen=True, eq=False)
class Histograms:
    """One histogram per array, in the order of the arrays.

    counts: (arrays, BINS); ends: (arrays, 2), where the first bin begins and the last one ends;
    values beyond are counted in these bins. spreads: (arrays,), standard deviations.
    """

    counts: NDArray[np.uint32]
    ends: NDArray[np.float32]
    spreads: NDArray[np.float32]

    def middles(self, number: int) -> NDArray[np.float64]:
        """Return the middle of each bin of an array: (BINS,). number: of the array, from 0."""
        low, high = self.ends[number].astype(np.float64)
        return low + (high - low) * (np.arange(BINS) + 0.5) / BINS


def histograms(arrays: Iterable[NDArray[Any]]) -> Histograms:
    """Return the histograms of arrays of any shapes; infinite values and NaN are left out."""
    counts, ends, spreads = zip(*map(_histogram, arrays), strict=True)
    return Histograms(
        np.array(counts, np.uint32), np.array(ends, np.float32), np.array(spreads, np.float32)
    )


def _histogram(array: NDArray[Any]) -> tuple[NDArray[np.int64], tuple[float, float], float]:
    """Return counts, ends and standard deviation of one array."""
    values = array.ravel().astype(np.float64)
    values = values[np.isfinite(values)]
    if not values.size:
        return np.zeros(BINS, np.int64), (0.0, 0.0), 0.0
    mean, spread = float(values.mean()), float(values.std())
    low = max(float(values.min()), mean - REACH * spread)
    high = min(float(values.max()), mean + REACH * spread)
    shares = (values - low) / ((high - low) or 1.0)
    bins = np.clip((shares * BINS).astype(np.int64), 0, BINS - 1)
    return np.bincount(bins, minlength=BINS), (low, high), spread
