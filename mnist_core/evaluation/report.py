"""Ten probabilities an image, worked out once, to everything that a report says; no TensorFlow."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from mnist_core.network.spec import CLASSES

BINS = 15


@dataclass(frozen=True)
class Scores:
    """One row of the classification report; `support` is the number of true examples."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class ReliabilityBins:
    """Predictions in equally wide bins of confidence, each array (bins,); empty bins hold NaN."""

    count: np.ndarray
    confidence: np.ndarray
    accuracy: np.ndarray


@dataclass(frozen=True)
class Report:
    """What a network makes of labelled images.

    probabilities: (n, 10) float32, rows sum to 1; labels: (n,) integers 0 to 9; n >= 1.
    """

    probabilities: np.ndarray
    labels: np.ndarray

    @cached_property
    def predicted(self) -> np.ndarray:
        """The most probable digit of each image: (n,) int64."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def confidence(self) -> np.ndarray:
        """The probability of the predicted digit: (n,) float32 in [0.1, 1]."""
        return self.probabilities.max(axis=1)

    @cached_property
    def loss(self) -> float:
        """Mean cross-entropy in nats; a probability of 0 counts as the smallest float32."""
        given = self.probabilities[np.arange(len(self.labels)), self.labels].astype(np.float64)
        return float(-np.log(np.maximum(given, np.finfo(np.float32).tiny)).mean())

    @property
    def wrong(self) -> int:
        """Images whose predicted digit is not the label: the zero-one loss, not divided by n."""
        return int((self.predicted != self.labels).sum())

    @property
    def accuracy(self) -> float:
        """Share of images predicted right, in [0, 1]."""
        return (len(self.labels) - self.wrong) / len(self.labels)

    @cached_property
    def top2_accuracy(self) -> float:
        """Share of images whose label is among the two most probable digits."""
        top2 = np.argpartition(self.probabilities, -2, axis=1)[:, -2:]
        return float((top2 == self.labels[:, None]).any(axis=1).mean())

    @cached_property
    def confusion(self) -> np.ndarray:
        """Counts (10, 10) int64: true digits down, predicted digits across."""
        cells = CLASSES * self.labels.astype(np.int64) + self.predicted
        return np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES)

    @cached_property
    def classes(self) -> tuple[Scores, ...]:
        """Precision, recall, F1 and support of each digit, 0 to 9; 0 where there is nothing."""
        right = self.confusion.diagonal()
        named, support = self.confusion.sum(axis=0), self.confusion.sum(axis=1)
        rows = zip(
            right / np.maximum(named, 1),
            right / np.maximum(support, 1),
            2 * right / np.maximum(named + support, 1),
            support,
            strict=True,
        )
        return tuple(
            Scores(str(digit), float(precision), float(recall), float(f1), int(count))
            for digit, (precision, recall, f1, count) in enumerate(rows)
        )

    @cached_property
    def averages(self) -> tuple[Scores, Scores]:
        """The macro average (every digit counts alike) and the weighted one (by support)."""
        support = np.array([row.support for row in self.classes])
        return self._average("macro", np.ones(CLASSES)), self._average("weighted", support)

    def _average(self, kind: str, weights: np.ndarray) -> Scores:
        rows = [(row.precision, row.recall, row.f1) for row in self.classes]
        precision, recall, f1 = np.average(rows, axis=0, weights=weights)
        return Scores(f"{kind} avg", float(precision), float(recall), float(f1), len(self.labels))

    @cached_property
    def reliability(self) -> ReliabilityBins:
        """Fifteen bins: in a well-calibrated network accuracy equals confidence in each."""
        bins = np.minimum((self.confidence * BINS).astype(int), BINS - 1)
        count = np.bincount(bins, minlength=BINS)
        right = (self.predicted == self.labels).astype(np.float64)
        with np.errstate(invalid="ignore"):
            confidence = np.bincount(bins, self.confidence, BINS) / count
            accuracy = np.bincount(bins, right, BINS) / count
        return ReliabilityBins(count, confidence, accuracy)

    @cached_property
    def ece(self) -> float:
        """Expected calibration error: |accuracy - confidence| over the bins, weighted by count.

        Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3.
        """
        bins = self.reliability
        gap = np.nan_to_num(np.abs(bins.accuracy - bins.confidence))
        return float((gap * bins.count).sum() / bins.count.sum())

    @cached_property
    def mistakes(self) -> np.ndarray:
        """Row numbers of the wrong ones, most confident first: (wrong,) int64."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        return wrong[np.argsort(-self.confidence[wrong], kind="stable")]
