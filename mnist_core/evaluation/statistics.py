"""Statistics of results: confidence intervals, the spread of repeated runs, McNemar's test.

For one accuracy: `wilson_interval`. For several runs: `spread` of a figure, `band` of a curve. For
two networks on the same images: `mcnemar`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.report import Report
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural

NORMAL_95 = 1.96
"""95 % of a normal distribution lie within this many standard deviations of its mean."""


def wilson_interval(accuracy: float, images: int) -> tuple[float, float]:
    """Return the 95 % confidence interval of an accuracy in [0, 1] measured on `images` images.

    Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".
    """
    z2 = NORMAL_95**2
    middle = accuracy + z2 / (2 * images)
    reach = NORMAL_95 * np.sqrt((accuracy * (1 - accuracy) + z2 / (4 * images)) / images)
    whole = 1 + z2 / images
    low, high = float(middle - reach) / whole, float(middle + reach) / whole
    return max(0.0, min(low, accuracy)), min(
        1.0, max(high, accuracy)
    )  # against rounding at 0 and 1


@dataclass(frozen=True)
class Spread:
    """Mean, deviation and range of n values, and a confidence interval of the mean.

    deviation is the sample standard deviation (with n - 1); low to high is the 95 % confidence
    interval of the mean by Student's t. Both are None for a single value.
    """

    n: int
    mean: float
    deviation: float | None
    least: float
    most: float
    low: float | None
    high: float | None


def spread(values: Sequence[float]) -> Spread | None:
    """Return the spread of some values, or None without values.

    The interval assumes independent draws from one normal distribution.
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


Metric = Literal["loss", "accuracy", "val_loss", "val_accuracy"]


@dataclass(frozen=True)
class Band:
    """One curve of several runs, (epochs,) each, from epoch 1 on.

    count is the number of runs that finished an epoch, mean and deviation are over these runs;
    deviation is NaN for a single run.
    """

    count: NDArray[np.float64]
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @property
    def epochs(self) -> NDArray[np.intp]:
        """The numbers of the epochs, (epochs,)."""
        return np.arange(1, len(self.count) + 1)


def band(histories: Sequence[Sequence[Epoch]], metric: Metric) -> Band:
    """Return mean and deviation of a metric per epoch; empty where no run measured it."""
    curves: list[list[float | None]] = [
        [getattr(epoch, metric) for epoch in history] for history in histories
    ]
    longest = max((len(curve) for curve in curves), default=0)
    values = np.full((len(curves), longest), np.nan)
    for row, curve in zip(values, curves, strict=True):
        row[: len(curve)] = curve  # None becomes NaN
    values = values[:, ~np.isnan(values).all(axis=0)]
    known = ~np.isnan(values)
    count = known.sum(axis=0)
    mean = np.where(known, values, 0).sum(axis=0) / count
    squares = np.where(known, values - mean, 0) ** 2
    with np.errstate(invalid="ignore"):  # 0 / 0 is the NaN of a single run
        deviation = np.sqrt(squares.sum(axis=0) / (count - 1))
    return Band(count.astype(np.float64), mean, deviation)


SIGNIFICANCE_LEVEL = 0.05
"""The usual significance level: a difference with a smaller p-value is called significant."""


class CompareError(MnistError):
    """Two runs that cannot be compared."""


@dataclass(frozen=True)
class McNemar:
    """McNemar's test of two networks, a and b, on the same images.

    only_a, only_b: row numbers of the images that only one of them predicts correctly, first those
    where the other is most confident. both, neither: the numbers of the other images.
    """

    both: int
    only_a: NDArray[np.intp]
    only_b: NDArray[np.intp]
    neither: int

    @property
    def disputed(self) -> int:
        """The number of images that exactly one predicts correctly; the test uses no others."""
        return len(self.only_a) + len(self.only_b)

    @property
    def p_value(self) -> float:
        """The exact two-sided p-value: how often as many fair coins fall at least as unevenly.

        Source: McNemar 1947, "Note on the sampling error of the difference between correlated
        proportions or percentages". Computed in integers, so that only the result is rounded.
        """
        tosses, fewer = self.disputed, min(len(self.only_a), len(self.only_b))
        ways = total = 1
        for heads in range(fewer):
            ways = ways * (tosses - heads) // (heads + 1)
            total += ways
        return min(1.0, 2 * total / 2**tosses)

    def sentence(self, a: str, b: str) -> str:
        """Say in plain words what was counted and what the p-value means. a, b: names."""
        ours, theirs = len(self.only_a), len(self.only_b)
        if not self.disputed:
            return (
                f"{a} and {b} are right on the very same images: this test set cannot tell them "
                "apart."
            )
        better, worse = (a, b) if ours >= theirs else (b, a)
        lead = (
            f"{better} reads {plural(abs(ours - theirs), 'more digit')} correctly than {worse}"
            if ours != theirs
            else f"{a} and {b} read equally many digits correctly, though not the same ones"
        )
        more, fewer = max(ours, theirs), min(ours, theirs)
        return (
            f"{lead}. Of {plural(self.disputed, 'image')} that only one of them gets right, "
            f"{better} gets {more:,} and {worse} {fewer:,}. If both were equally good, each of "
            f"these would be a coin toss, and {self.chance}."
        )

    @property
    def chance(self) -> str:
        """A clause for people that says what the p-value means."""
        return (
            "a split at least this uneven would come up in "
            f"{_frequency(self.p_value)} such test sets by chance alone ({_format_p(self.p_value)})"
        )

    def verdict(self, a: str, b: str) -> str:
        """Say in one short sentence whether the difference could be chance. a, b: names."""
        if self.p_value > SIGNIFICANCE_LEVEL:
            return "This difference could be chance" if self.disputed else "No difference at all"
        better = a if len(self.only_a) > len(self.only_b) else b
        return f"{better} does better on MNIST, and this is unlikely to be chance alone"


def mcnemar(a: Report, b: Report) -> McNemar:
    """Compare two networks image by image. Raises CompareError unless the labels are the same."""
    if not np.array_equal(a.labels, b.labels):
        raise CompareError(
            "two runs can be compared image by image only on the same test set; received "
            f"{len(a.labels):,} and {len(b.labels):,} images with different labels: evaluate both "
            "on the same set"
        )
    right_a, right_b = a.predicted == a.labels, b.predicted == b.labels
    return McNemar(
        both=int((right_a & right_b).sum()),
        only_a=_by_confidence(right_a & ~right_b, b),
        only_b=_by_confidence(right_b & ~right_a, a),
        neither=int((~right_a & ~right_b).sum()),
    )


def _by_confidence(chosen: NDArray[np.bool], wrong: Report) -> NDArray[np.intp]:
    """Return the chosen rows, those first where the wrong network is most confident."""
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(-wrong.confidence[rows], kind="stable")]


def _frequency(p: float) -> str:
    """Format a probability as a frequency: 34 of 100, 3 of 1,000."""
    if p >= 0.995:
        return "all"
    for of in (100, 1000, 10_000):
        if p * of >= 0.95:
            return f"{round(p * of)} of {of:,}"
    return "fewer than 1 of 10,000"


def _format_p(p: float) -> str:
    return f"p = {p:.2g}" if p >= 0.0001 else "p < 0.0001"
