"""Selective prediction: coverage and accuracy if a network rejects uncertain images."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnist_core.evaluation.report import Report


@dataclass(frozen=True)
class Answers:
    """Counts at one threshold: of `images`, `answered` get an answer, `wrong` a wrong answer.

    withheld: wrong answers that the threshold rejects.
    """

    images: int
    answered: int
    wrong: int
    withheld: int

    @property
    def coverage(self) -> float:
        """Share of the images that get an answer, in [0, 1]."""
        return self.answered / self.images

    @property
    def accuracy(self) -> float | None:
        """Share of the answers that are right, in [0, 1]; None without answers."""
        return (self.answered - self.wrong) / self.answered if self.answered else None


@dataclass(frozen=True)
class SelectivePrediction:
    """A network that answers if its confidence is at least a threshold, and else rejects.

    Source: El-Yaniv and Wiener 2010, "On the Foundations of Noise-free Selective Classification".
    """

    report: Report

    @cached_property
    def _sorted(self) -> tuple[np.ndarray, np.ndarray]:
        """Ascending confidences, and the number of wrong answers from each of them upward."""
        order = np.argsort(self.report.confidence)
        wrong = (self.report.predicted != self.report.labels)[order]
        from_here = np.append(wrong[::-1].cumsum()[::-1], 0)
        return self.report.confidence[order].astype(np.float64), from_here

    def at(self, threshold: float) -> Answers:
        """Return the counts at one threshold, in [0, 1]."""
        confidence, wrong = self._sorted
        first = int(np.searchsorted(confidence, threshold))
        kept = int(wrong[first])
        return Answers(len(confidence), len(confidence) - first, kept, int(wrong[0]) - kept)

    def curve(self, points: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return coverage, accuracy and threshold: float64 (n,) each, coverage falling from 1.

        Contains only thresholds at which the answers change, at most `points` of them.
        """
        confidence, wrong = self._sorted
        thresholds, first = np.unique(confidence, return_index=True)
        answered = len(confidence) - first
        accuracy = 1 - wrong[first] / answered
        chosen = np.unique(np.linspace(0, len(first) - 1, points).round().astype(int))
        return answered[chosen] / len(confidence), accuracy[chosen], thresholds[chosen]
