"""Two networks on the same images: McNemar's test, and what it says in plain words."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.special import stdtrit

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.report import Report
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural

UNLIKELY = 0.05
"""The usual line: a smaller p-value is called significant."""


class CompareError(MnistError):
    """Two runs that cannot be held against each other."""


@dataclass(frozen=True)
class McNemar:
    """Two networks on the same images, counted, and McNemar's test.

    only_a, only_b: row numbers of the images that one gets right and the other wrong, those first
    where the other was most confident, int64; both and neither count the rest.
    """

    both: int
    only_a: np.ndarray
    only_b: np.ndarray
    neither: int

    @property
    def disputed(self) -> int:
        """Images that just one of the two gets right: all that the test looks at."""
        return len(self.only_a) + len(self.only_b)

    @property
    def p_value(self) -> float:
        """Two-sided and exact: how often fair coins would fall at least as unevenly.

        Source: McNemar 1947, "Note on the sampling error of the difference between correlated
        proportions or percentages"; in whole numbers, so that nothing is rounded before the end.
        """
        tosses, fewer = self.disputed, min(len(self.only_a), len(self.only_b))
        ways = total = 1
        for heads in range(fewer):
            ways = ways * (tosses - heads) // (heads + 1)
            total += ways
        return min(1.0, 2 * total / 2**tosses)

    def sentence(self, a: str, b: str) -> str:
        """What was counted and what the p-value says of it. a, b: what to call the two."""
        ours, theirs = len(self.only_a), len(self.only_b)
        if not self.disputed:
            return (
                f"{a} and {b} are right on the very same images: this test set cannot tell them "
                "apart."
            )
        better, worse = (a, b) if ours >= theirs else (b, a)
        lead = (
            f"{better} reads {plural(abs(ours - theirs), 'digit')} more right than {worse}"
            if ours != theirs
            else f"{a} and {b} read equally many digits right, though not the same ones"
        )
        split = f"{max(ours, theirs):,} to {min(ours, theirs):,}"
        return (
            f"{lead}: of the {plural(self.disputed, 'image')} that just one of them gets right, "
            f"they share {split}. If both were equally good, each of these would be as likely to "
            "fall to the one as to the other, and a split at least this uneven would come up in "
            f"{_often(self.p_value)} such test sets by chance alone ({_p(self.p_value)})."
        )

    def verdict(self, a: str, b: str) -> str:
        """The answer in short. a, b: what to call the two."""
        if self.p_value > UNLIKELY:
            return "This difference could be chance" if self.disputed else "No difference at all"
        better = a if len(self.only_a) > len(self.only_b) else b
        return f"{better} is better: chance alone would seldom make such a difference"


def mcnemar(a: Report, b: Report) -> McNemar:
    """Count two networks against each other. Raises CompareError unless the images are the same."""
    if not np.array_equal(a.labels, b.labels):
        raise CompareError(
            "two runs can be compared image by image only on the same test set; received "
            f"{len(a.labels):,} and {len(b.labels):,} images with other labels: evaluate both on "
            "the same one"
        )
    right_a, right_b = a.predicted == a.labels, b.predicted == b.labels
    return McNemar(
        both=int((right_a & right_b).sum()),
        only_a=_by_confidence(right_a & ~right_b, b),
        only_b=_by_confidence(right_b & ~right_a, a),
        neither=int((~right_a & ~right_b).sum()),
    )


def _by_confidence(chosen: np.ndarray, wrong: Report) -> np.ndarray:
    rows = np.flatnonzero(chosen)
    return rows[np.argsort(-wrong.confidence[rows], kind="stable")]


def _often(p: float) -> str:
    """How many of how many: 34 of 100, 3 of 1,000."""
    if p >= 0.995:
        return "all"
    for of in (100, 1000, 10_000):
        if p * of >= 0.95:
            return f"{round(p * of)} of {of:,}"
    return "fewer than 1 of 10,000"


def _p(p: float) -> str:
    return f"p = {p:.2g}" if p >= 0.0001 else "p < 0.0001"


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


NORMAL_95 = 1.96
"""So many standard deviations either side hold 95 % of a normal distribution."""


def wilson_interval(accuracy: float, images: int) -> tuple[float, float]:
    """Between which accuracies the true one lies with 95 % confidence, given so many images.

    Source: Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference".
    """
    z2 = NORMAL_95**2
    middle = accuracy + z2 / (2 * images)
    reach = NORMAL_95 * np.sqrt((accuracy * (1 - accuracy) + z2 / (4 * images)) / images)
    whole = 1 + z2 / images
    low, high = float(middle - reach) / whole, float(middle + reach) / whole
    return max(0.0, min(low, accuracy)), min(1.0, max(high, accuracy))  # rounding at 0 and 1
