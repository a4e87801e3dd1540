"""Labels that a network doubts, and what a reader decides; NumPy alone."""

import csv
import io
from dataclasses import dataclass

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.evaluation.report import Report

KEPT = 300
VERDICTS = ("The label is right", "The network is right", "Neither, or cannot tell")


@dataclass(frozen=True, eq=False)
class LabelErrors:
    """Images of one set that a network reads as another digit than their label says.

    rows: (n,) row numbers, the most confident contradiction first; labels: (n,) uint8;
    probabilities: (n, 10) float32; wrong: how many there were in the whole set of `images`.
    """

    name: str
    rows: np.ndarray
    labels: np.ndarray
    probabilities: np.ndarray
    wrong: int
    images: int

    @classmethod
    def unpack(cls, arrays: dict[str, np.ndarray], name: str) -> "LabelErrors":
        """What the job "suspects" has kept of the "test" or the "training" set."""
        data, rows = mnist.load(), arrays[f"{name}_rows"]
        labels = data.y_test if name == "test" else data.y_train
        probabilities, wrong = arrays[f"{name}_probabilities"], int(arrays[f"{name}_wrong"])
        return cls(name, rows, labels[rows], probabilities, wrong, len(labels))

    @property
    def predicted(self) -> np.ndarray:
        """What the network reads: (n,) int64."""
        return self.probabilities.argmax(axis=1)

    @property
    def confidence(self) -> np.ndarray:
        """The probability of what it reads: (n,) float32."""
        return self.probabilities.max(axis=1)

    @property
    def given(self) -> np.ndarray:
        """The probability that the network leaves to the label: (n,) float32."""
        return self.probabilities[np.arange(len(self.rows)), self.labels]

    def places(self, label: int | None, predicted: int | None) -> np.ndarray:
        """Where in `rows` those are that fit; None fits all."""
        fits = np.ones(len(self.rows), bool)
        for wanted, values in ((label, self.labels), (predicted, self.predicted)):
            if wanted is not None:
                fits &= values == wanted
        return np.flatnonzero(fits)


def contradicted(
    probabilities: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, int]:
    """Rows of the most confident contradictions, their probabilities, and how many there are.

    probabilities: (n, 10) float32; labels: (n,) -> (m,) int64 and (m, 10) float32, m <= KEPT.
    """
    report = Report(probabilities, labels)
    rows = report.mistakes[:KEPT]
    return rows, probabilities[rows], report.wrong


def verdicts_csv(found: list[LabelErrors], verdicts: dict[tuple[str, int], str]) -> str:
    """One line an image that the reader has decided on. verdicts: by set and row number."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["set", "index", "label", "predicted", "confidence", "verdict"])
    for doubts in found:
        columns = doubts.rows, doubts.labels, doubts.predicted, doubts.confidence
        for row, label, predicted, confidence in zip(*columns, strict=True):
            if verdict := verdicts.get((doubts.name, int(row))):
                writer.writerow([doubts.name, row, label, predicted, f"{confidence:.6f}", verdict])
    return file.getvalue()
