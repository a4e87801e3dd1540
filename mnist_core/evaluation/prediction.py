"""Ten probabilities -> what the network reads, how surely, and what else it could be."""

from dataclasses import dataclass

import numpy as np

from mnist_core.network.spec import CLASSES
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import percent

SURE = 0.7  # below it the runner-up can be near; above it, is at most 0.3
TOLERANCE = 1e-3  # of the sum: softmax works in float32, or float16


class ReadingError(MnistError):
    """The numbers are not ten probabilities."""


@dataclass(frozen=True)
class Reading:
    """The two most probable digits and their probabilities; of equals, the smaller comes first."""

    digit: int
    confidence: float
    runner_up: int
    runner_up_probability: float

    @property
    def doubtful(self) -> bool:
        """Whether the most probable digit has less than SURE."""
        return self.confidence < SURE

    @property
    def sentence(self) -> str:
        """What to tell a person; it names both digits."""
        first, second = _with_article(self.digit), _with_article(self.runner_up)
        sure, less = percent(self.confidence, 1), percent(self.runner_up_probability, 1)
        if self.doubtful:
            return f"Probably {first} ({sure}), but it could be {second} ({less})."
        return f"This is {first} ({sure}). The runner-up is {second} ({less})."


def read(probabilities: np.ndarray) -> Reading:
    """The reading of one image.

    probabilities: (10,) floats that sum to 1. Raises ReadingError on anything else, such as the
    NaN that a network gives whose training diverged.
    """
    values = np.asarray(probabilities, dtype=np.float64)
    if values.shape != (CLASSES,) or not (
        np.all(values >= 0) and abs(values.sum() - 1) < TOLERANCE
    ):
        raise ReadingError(
            f"a network must give {CLASSES} probabilities that sum to 1; received shape "
            f"{values.shape} with sum {values.sum():g}: its training may have diverged, so choose "
            "another run or train with a lower learning rate"
        )
    first, second = np.argsort(-values, kind="stable")[:2]
    return Reading(int(first), float(values[first]), int(second), float(values[second]))


def _with_article(digit: int) -> str:
    return f"an {digit}" if digit == 8 else f"a {digit}"
