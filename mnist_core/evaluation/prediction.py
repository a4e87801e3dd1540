"""The predicted digit of one image, its probability, and the runner-up."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.network.layers import CLASSES
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import probability, with_article

SURE = 0.7  # above it, the runner-up has at most 0.3
TOLERANCE = 1e-3  # of the sum, since softmax computes in float32 or float16


class ReadingError(MnistError):
    """Numbers that are not ten probabilities."""


@dataclass(frozen=True)
class Reading:
    """The two most probable digits and their probabilities; of equal ones the smaller first."""

    digit: int
    confidence: float
    runner_up: int
    runner_up_probability: float

    @property
    def doubtful(self) -> bool:
        """Whether the probability of the predicted digit is below SURE."""
        return self.confidence < SURE

    @property
    def sentence(self) -> str:
        """One sentence for people that names both digits."""
        first, second = with_article(self.digit), with_article(self.runner_up)
        sure, less = probability(self.confidence), probability(self.runner_up_probability)
        if self.doubtful:
            return f"Probably {first} ({sure}), but it could be {second} ({less})."
        return f"This is {first} ({sure}). The runner-up is {second} ({less})."


def read(probabilities: NDArray[np.floating]) -> Reading:
    """Return the two most probable digits of one image.

    probabilities: (10,), sum 1. Raises ReadingError on anything else, such as NaN, which a network
    predicts after its training diverged.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    if values.shape != (CLASSES,) or not (
        np.all(values >= 0) and abs(values.sum() - 1) < TOLERANCE
    ):
        raise ReadingError(
            f"a network must give {CLASSES} probabilities that sum to 1; received shape "
            f"{values.shape} with sum {values.sum():g}: its training may have diverged, so choose "
            "another run, or train it with a lower learning rate"
        )
    first, second = np.argsort(-values, kind="stable")[:2]
    return Reading(int(first), float(values[first]), int(second), float(values[second]))
