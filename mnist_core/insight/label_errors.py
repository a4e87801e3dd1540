"""Likely label errors: images that a network confidently reads as another digit; NumPy alone."""

import csv
import io
from dataclasses import dataclass

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.evaluation.report import Report

KEPT = 300  # images per set
VERDICTS = ("The label is right", "The network is right", "Neither, or cannot tell")


@dataclass(frozen=True, eq=False)
class LabelErrors:
    """Misclassified images of one set, whose labels may be wrong.

    name: "test" or "training". rows: (n,) row numbers, the most confident prediction first;
    labels: (n,) uint8; probabilities: (n, 10) float32; wrong: number of misclassified images in
    the whole set, which has `images` images.
    """

    name: str
    rows: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    wrong: int
    images: int

    @classmethod
    def unpack(cls, arrays: dict[str, np.ndarray], name: str) -> "LabelErrors":
        """Return the stored result of the job "suspects" for the "test" or the "training" set."""
        data, rows = mnist.load(), arrays[f"{name}_rows"]
        labels = data.y_test if name == "test" else data.y_train
        probabilities, wrong = arrays[f"{name}_probabilities"], int(arrays[f"{name}_wrong"])
        return cls(name, rows, labels[rows], probabilities, wrong, len(labels))

    @property
    def predicted(self) -> np.ndarray:
        """The predicted digits: (n,) int64."""
        return self.probabilities.argmax(axis=1)

    @property
    def confidence(self) -> np.ndarray:
        """The probability of the predicted digit: (n,) float32."""
        return self.probabilities.max(axis=1)

    @property
    def given(self) -> np.ndarray:
        """The probability that the network gives to the label: (n,) float32."""
        return self.probabilities[np.arange(len(self.rows)), self.labels]

    def places(self, label: int | None, predicted: int | None) -> np.ndarray:
        """Return the positions in `rows` with this label and prediction; None matches any digit."""
        fits = np.ones(len(self.rows), bool)
        for wanted, values in ((label, self.labels), (predicted, self.predicted)):
            if wanted is not None:
                fits &= values == wanted
        return np.flatnonzero(fits)


def find_label_errors(
    probabilities: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    """Find the misclassified images, the most confident first.

    probabilities: (n, 10) float32; labels: (n,). Returns the rows, (m,) int64 with m <= KEPT, their
    probabilities, (m, 10) float32, and the number of all misclassified images.
    """
    report = Report(probabilities, labels)
    rows = report.mistakes[:KEPT]
    return rows, probabilities[rows], report.wrong


def verdicts_csv(found: list[LabelErrors], verdicts: dict[tuple[str, int], str]) -> str:
    """Return a CSV with one line per image that has a verdict. verdicts: by set and row number."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["set", "index", "label", "predicted", "confidence", "verdict"])
    for errors in found:
        columns = errors.rows, errors.labels, errors.predicted, errors.confidence
        for row, label, predicted, confidence in zip(*columns, strict=True):
            if verdict := verdicts.get((errors.name, int(row))):
                writer.writerow([errors.name, row, label, predicted, f"{confidence:.6f}", verdict])
    return file.getvalue()
