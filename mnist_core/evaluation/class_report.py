"""The evaluation of a network on the digits of a class, which has few writers."""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from mnist_core.evaluation.report import Report
from mnist_core.evaluation.statistics import wilson_interval


@dataclass(frozen=True)
class WriterScore:
    """One writer's digits: how many there are, and how many were read correctly."""

    writer: int
    digits: int
    right: int


@dataclass(frozen=True)
class ClassReport:
    """The evaluation of predictions for digits of several writers.

    report: of all digits; writers: (n,) the number of each digit's writer.
    """

    report: Report
    writers: np.ndarray

    @cached_property
    def by_writer(self) -> tuple[WriterScore, ...]:
        """The score of each writer, in the order of their numbers."""
        right = self.report.predicted == self.report.labels
        numbers, which = np.unique(self.writers, return_inverse=True)
        counts, rights = np.bincount(which), np.bincount(which, right)
        return tuple(
            WriterScore(int(number), int(count), int(hits))
            for number, count, hits in zip(numbers, counts, rights, strict=True)
        )

    @cached_property
    def interval(self) -> tuple[float, float] | None:
        """The 95 % interval of the accuracy for further writers like these, in [0, 1].

        Digits of one writer are alike, so writers count and not digits. If all writers have equally
        many digits, it is the t interval of the writers' accuracies. A few writers who happen to be
        alike would make it too narrow, so it is never narrower than Wilson's interval of as many
        independent digits. None for one writer, or if all writers have the same accuracy, which
        says nothing about other people.
        Source: the ratio estimator of cluster samples, Cochran 1977, "Sampling Techniques", 2.11.
        """
        digits = np.array([score.digits for score in self.by_writer])
        right = np.array([score.right for score in self.by_writer])
        writers, mean = len(digits), right.sum() / digits.sum()
        if (right * digits.sum() == digits * right.sum()).all():  # a single writer, too
            return None
        off = ((right - mean * digits) ** 2).sum()
        error = sqrt(writers / (writers - 1) * off) / digits.sum()
        reach = stdtrit(writers - 1, 0.975) * error
        low, high = wilson_interval(float(mean), int(digits.sum()))
        return max(0.0, min(low, float(mean - reach))), min(1.0, max(high, float(mean + reach)))
