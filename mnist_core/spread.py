"""How far results of equal runs lie apart: mean, standard deviation, curves with their spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from mnist_core.progress import Epoch

Metric = Literal["loss", "accuracy", "val_loss", "val_accuracy"]


@dataclass(frozen=True)
class Spread:
    """What n values have in common.

    deviation is the sample standard deviation, with n - 1; low to high is the 95 % interval of the
    mean after Student's t. One value alone has neither: None.
    """

    n: int
    mean: float
    deviation: float | None
    least: float
    most: float
    low: float | None
    high: float | None


def spread(values: Sequence[float]) -> Spread | None:
    """The spread of some values; None of none.

    The interval takes them for independent draws of one normal distribution.
    Source: Student 1908, "The Probable Error of a Mean".
    """
    given = np.asarray(values, np.float64)
    n = len(given)
    if not n:
        return None
    mean, ends = float(given.mean()), (float(given.min()), float(given.max()))
    if n == 1:
        return Spread(n, mean, None, *ends, None, None)
    deviation = float(given.std(ddof=1))
    reach = float(stdtrit(n - 1, 0.975)) * deviation / n**0.5
    return Spread(n, mean, deviation, *ends, mean - reach, mean + reach)


@dataclass(frozen=True)
class Band:
    """A curve of several runs, float64 (epochs,) each, from epoch 1 on.

    count: of the runs that got to an epoch; mean and deviation are over these, and deviation is
    NaN where it is one run alone.
    """

    count: np.ndarray
    mean: np.ndarray
    deviation: np.ndarray

    @property
    def epochs(self) -> np.ndarray:
        """The numbers of the epochs, int64 (epochs,)."""
        return np.arange(1, len(self.count) + 1)


def band(histories: Sequence[Sequence[Epoch]], metric: Metric) -> Band:
    """One curve of the finished epochs of each run; empty where nobody measured the metric."""
    curves = [[getattr(epoch, metric) for epoch in history] for history in histories]
    longest = max((len(curve) for curve in curves), default=0)
    values = np.full((len(curves), longest), np.nan)
    for row, curve in zip(values, curves, strict=True):
        row[: len(curve)] = curve  # None becomes NaN
    values = values[:, ~np.isnan(values).all(axis=0)]
    there = ~np.isnan(values)
    count = there.sum(axis=0)
    mean = np.where(there, values, 0).sum(axis=0) / count
    squares = np.where(there, values - mean, 0) ** 2
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN of a run alone
        deviation = np.sqrt(squares.sum(axis=0) / (count - 1))
    return Band(count.astype(np.float64), mean, deviation)
