"""The evaluation of a network: all figures that follow from its predicted probabilities."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from mnist_core.network.layers import CLASSES
from mnist_core.network.spec import Spec

BINS = 15


def about_loss(spec: Spec) -> str:
    """Return why the losses of a training do not compare with `Report.loss`; empty if they do."""
    added = ["the L2 penalty"] * any(getattr(layer, "l2", 0) for layer in spec.network.layers)
    added += ["label smoothing"] * bool(spec.training.label_smoothing)
    if not added:
        return ""
    return (
        "The test loss is cross-entropy alone. Training and validation losses also include "
        f"{' and '.join(added)}, so do not compare them with it."
    )


@dataclass(frozen=True)
class Scores:
    """One row of the classification report; `support` is the number of images with that label."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


@dataclass(frozen=True)
class ReliabilityBins:
    """Predictions in equally wide bins of confidence: count, mean confidence, accuracy, (15,) each.

    Empty bins have NaN.
    """

    count: NDArray[np.intp]
    confidence: NDArray[np.float64]
    accuracy: NDArray[np.float64]


@dataclass(frozen=True)
class Report:
    """The evaluation of predictions for labeled images.

    probabilities: (n, 10), rows sum to 1; labels: (n,) integers 0 to 9; n >= 1.
    """

    probabilities: NDArray[np.float32]
    labels: NDArray[np.integer]

    def only(self, digits: Sequence[int]) -> Self:
        """Return the report over the images of some digits, at least one image."""
        rows = np.isin(self.labels, digits)
        return replace(self, probabilities=self.probabilities[rows], labels=self.labels[rows])

    @cached_property
    def predicted(self) -> NDArray[np.intp]:
        """The most probable digit of each image, (n,)."""
        return self.probabilities.argmax(axis=1)

    @cached_property
    def confidence(self) -> NDArray[np.float32]:
        """The probability of the predicted digit of each image, (n,), in [0.1, 1]."""
        return self.probabilities.max(axis=1)

    @cached_property
    def loss(self) -> float:
        """Mean cross-entropy in nats; a probability of 0 counts as the smallest float32."""
        given = self.probabilities[np.arange(len(self.labels)), self.labels].astype(np.float64)
        return float(-np.log(np.maximum(given, np.finfo(np.float32).tiny)).mean())

    @property
    def wrong(self) -> int:
        """The number of images whose predicted digit is not the label."""
        return int((self.predicted != self.labels).sum())

    @property
    def accuracy(self) -> float:
        """The share of images predicted correctly, in [0, 1]."""
        return (len(self.labels) - self.wrong) / len(self.labels)

    @cached_property
    def top2_accuracy(self) -> float:
        """The share of images whose label is among the two most probable digits, in [0, 1].

        Of equally probable digits the smaller one counts as more probable, as in `predicted`.
        """
        top2 = np.argsort(-self.probabilities, axis=1, kind="stable")[:, :2]
        return float((top2 == self.labels[:, None]).any(axis=1).mean())

    @cached_property
    def confusion(self) -> NDArray[np.intp]:
        """The confusion matrix, counts (10, 10): true digits down, predicted digits across."""
        cells = CLASSES * self.labels.astype(np.int64) + self.predicted
        return np.bincount(cells, minlength=CLASSES**2).reshape(CLASSES, CLASSES)

    @cached_property
    def classes(self) -> tuple[Scores, ...]:
        """Precision, recall, F1 and support of each digit, 0 to 9; 0 where undefined."""
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
        """The macro average (all digits weigh the same) and the average weighted by support."""
        support = np.array([row.support for row in self.classes])
        return self._average("macro", np.ones(CLASSES)), self._average("weighted", support)

    def _average(self, kind: str, weights: NDArray[np.floating | np.integer]) -> Scores:
        rows = [(row.precision, row.recall, row.f1) for row in self.classes]
        precision, recall, f1 = np.average(rows, axis=0, weights=weights)
        return Scores(f"{kind} avg", float(precision), float(recall), float(f1), len(self.labels))

    @cached_property
    def reliability(self) -> ReliabilityBins:
        """Fifteen bins of confidence; a calibrated network has confidence = accuracy in each."""
        bins = np.minimum((self.confidence * BINS).astype(int), BINS - 1)
        count = np.bincount(bins, minlength=BINS)
        right = (self.predicted == self.labels).astype(np.float64)
        with np.errstate(invalid="ignore"):
            confidence = np.bincount(bins, self.confidence, BINS) / count
            accuracy = np.bincount(bins, right, BINS) / count
        return ReliabilityBins(count, confidence, accuracy)

    @cached_property
    def ece(self) -> float:
        """Expected calibration error: mean |accuracy - confidence| of the bins, weighted by count.

        Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", equation 3.
        """
        bins = self.reliability
        gap = np.nan_to_num(np.abs(bins.accuracy - bins.confidence))
        return float((gap * bins.count).sum() / bins.count.sum())

    @cached_property
    def mistakes(self) -> NDArray[np.intp]:
        """Row numbers of the wrong predictions, (wrong,), the most confident first."""
        wrong = np.flatnonzero(self.predicted != self.labels)
        return wrong[np.argsort(-self.confidence[wrong], kind="stable")]
