"""The images that a run learns from: MNIST's, a class's, or both."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.dataset import mnist
from mnist_core.network.spec import Split
from mnist_core.utils.errors import MnistError
from mnist_core.utils.npz import fingerprint


class HandwritingError(MnistError):
    """The handwriting of a class that a run learns from is missing or has changed."""


@dataclass(frozen=True, eq=False)
class Digits:
    """The digits of a class that a run learns from: images uint8 (n, 28, 28); labels uint8 (n,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    @property
    def arrays(self) -> dict[str, NDArray[np.uint8]]:
        """The arrays by Keras's names for a training set."""
        return {"x_train": self.images, "y_train": self.labels}

    @property
    def source(self) -> str:
        """The fingerprint of these digits, as in `Handwriting.source`."""
        return fingerprint(self.arrays)


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """The training images of a run: some rows of an array, or all if a class's digits are added.

    images: uint8 (n, 28, 28); labels: uint8 (n,); rows: int32 (m,), in the order of training
    before it is shuffled.
    """

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]
    rows: NDArray[np.int32]


def training_set(split: Split, digits: Digits | None = None) -> TrainingSet:
    """Return the images that a run learns from, MNIST's before those of a class.

    digits: the class's digits that the split names. Raises HandwritingError without them.
    """
    data, rows, chosen = mnist.load(), mnist.partition(split).train, split.handwriting
    if chosen is None:
        return TrainingSet(data.x_train, data.y_train, rows)
    if digits is None or digits.source != chosen.source:
        raise HandwritingError(
            f"the handwriting to learn from ({chosen.source}) is missing or has changed: pass the "
            "digits that the split names"
        )
    return TrainingSet(
        np.concatenate([data.x_train[rows], digits.images]),
        np.concatenate([data.y_train[rows], digits.labels]),
        np.arange(len(rows) + len(digits.labels), dtype=np.int32),
    )
