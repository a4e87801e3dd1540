"""Why the best of many measurements is too optimistic; and which images are used for what."""

import math
from dataclasses import dataclass

import numpy as np
from scipy.special import bdtr, bdtrc

from mnist_core.dataset.mnist import TEST_IMAGES, TRAINING_IMAGES
from mnist_core.network.spec import Split

FRESH = 10_000
"""Fresh images, as many as MNIST has test images."""


@dataclass(frozen=True)
class Sizes:
    """How many of the 70,000 images are used for each purpose.

    Where the test set validates (`leaks`), its images of the learned digits are counted as `both`,
    and `validation` is 0. unused: training images that a limit or a choice of digits leaves out.
    """

    train: int
    validation: int
    test: int
    both: int
    unused: int

    @property
    def leaks(self) -> bool:
        """Whether the test set helps to choose."""
        return self.both > 0


def sizes(split: Split) -> Sizes:
    """Count the images of a split without handwriting, and without drawing it."""
    unused = TRAINING_IMAGES - split.images
    if split.kind == "test":
        both = split.test_images
        return Sizes(split.images, 0, TEST_IMAGES - both, both, unused)
    return Sizes(split.training_images, split.held_out, TEST_IMAGES, 0, unused)


@dataclass(frozen=True, eq=False)
class Draw:
    """Measured accuracies of settings that are all equally good.

    measured: (k,) float64, the share of n images that each read right; fresh: the accuracy of
    the best one on 10,000 other images.
    """

    images: int
    measured: np.ndarray
    fresh: float

    @property
    def best(self) -> float:
        """The highest measured accuracy."""
        return float(self.measured.max())

    @property
    def ties(self) -> int:
        """How many settings share it."""
        return int((self.measured == self.measured.max()).sum())


def draw(settings: int, accuracy: float, images: int, seed: int) -> Draw:
    """Measure k settings on n images each, then the winner on fresh ones.

    accuracy: the true one of every setting, in (0, 1). Each image is read right with that
    probability, independently of all others, so that the number of right ones is binomial.
    """
    rng = np.random.default_rng(seed)
    right = rng.binomial(images, accuracy, settings)
    return Draw(images, right / images, float(rng.binomial(FRESH, accuracy) / FRESH))


def deviation(accuracy: float, images: int) -> float:
    """Return the standard deviation of one measured accuracy: sqrt(a (1 - a) / n)."""
    return math.sqrt(accuracy * (1 - accuracy) / images)


def expected_best(settings: np.ndarray, accuracy: float, images: int) -> np.ndarray:
    """Return the exact mean of the best of k measured accuracies: (m,).

    settings: (m,), k >= 1. The best of k independent counts is at most c with probability F(c)^k, F
    being the binomial distribution function; a count's mean is the sum over c = 0 ... n-1 of
    P(count > c).
    """
    spread = math.sqrt(images * accuracy * (1 - accuracy))
    first = max(0, math.floor(images * accuracy - 12 * spread - 12))  # no count is ever so low
    above = bdtrc(np.arange(first, images), images, accuracy)  # 1 - F, exact where F is nearly 1
    with np.errstate(divide="ignore"):  # the logarithm of 0 is -inf, and its power 0
        logs = np.log1p(-np.minimum(above, 1))
    return (first - np.expm1(np.multiply.outer(settings, logs)).sum(axis=-1)) / images


def flattering(settings: int, accuracy: float, images: int) -> float:
    """Return the probability that the best of k measured accuracies exceeds the true one."""
    at_most = math.floor(accuracy * images + 1e-9)  # 0.29 * 100 is 28.999...
    chance = -math.expm1(settings * math.log(bdtr(at_most, images, accuracy)))
    return min(chance, math.nextafter(1, 0))  # luck is never certain


def rule_of_thumb(settings: np.ndarray, accuracy: float, images: int) -> np.ndarray:
    """Return a + sigma sqrt(2 ln k), the best of many normal values. settings: (m,)."""
    return accuracy + deviation(accuracy, images) * np.sqrt(2 * np.log(settings))
