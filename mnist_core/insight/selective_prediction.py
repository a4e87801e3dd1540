"""A network that may say "I don't know": what it answers, and how often it is then right."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnist_core.evaluation.report import Report


@dataclass(frozen=True)
class Answers:
    """What happens at one threshold: of `images`, `answered` get an answer, `wrong` a wrong one.

    `withheld` counts the wrong answers that the threshold holds back.
    """

    images: int
    answered: int
    wrong: int
    withheld: int

    @property
    def coverage(self) -> float:
        """Share of the images that get an answer."""
        return self.answered / self.images

    @property
    def accuracy(self) -> float | None:
        """Share of the answers that are right, None where there are none."""
        return (self.answered - self.wrong) / self.answered if self.answered else None


@dataclass(frozen=True)
class SelectivePrediction:
    """A network that answers where its confidence is at least a threshold.

    Source: El-Yaniv and Wiener 2010, "On the Foundations of Noise-free Selective Classification".
    """

    report: Report

    @cached_property
    def _sorted(self) -> tuple[np.ndarray, np.ndarray]:
        """Confidences, rising, and how many wrong answers there are from each of them on."""
        order = np.argsort(self.report.confidence)
        wrong = (self.report.predicted != self.report.labels)[order]
        from_here = np.append(wrong[::-1].cumsum()[::-1], 0)
        return self.report.confidence[order].astype(np.float64), from_here

    def at(self, threshold: float) -> Answers:
        """What happens at one threshold, in [0, 1]."""
        confidence, wrong = self._sorted
        first = int(np.searchsorted(confidence, threshold))
        kept = int(wrong[first])
        return Answers(len(confidence), len(confidence) - first, kept, int(wrong[0]) - kept)

    def curve(self, points: int = 200) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Coverage, accuracy and threshold, float64 (n,) each, coverage falling from 1.

        Only thresholds at which the answers change, about `points` of them at the most.
        """
        confidence, wrong = self._sorted
        thresholds, first = np.unique(confidence, return_index=True)
        answered = len(confidence) - first
        accuracy = 1 - wrong[first] / answered
        chosen = np.unique(np.linspace(0, len(first) - 1, points).round().astype(int))
        return answered[chosen] / len(confidence), accuracy[chosen], thresholds[chosen]
