"""Dropout and batch normalization in NumPy, as Keras 3 computes them."""

from dataclasses import dataclass

import numpy as np

from mnist_core.network.layers.batch_normalization import EPSILON

ACTIVATIONS = np.array([
    1.81, 0, 0, 2.81, 0, 0, 0, 0, 0, 0, 4.48, 0, 0.4, 0, 0, 0,
    0, 1.85, 0, 0, 3.8, 0, 0, 1.22, 0, 0, 0, 0, 0, 0, 8.28, 2.47,
    0.46, 0, 0, 3.14, 0.83, 3.69, 0.23, 4.09, 0, 0, 7.27, 0, 0, 0, 0, 0,
    0, 5.79, 0.24, 0, 0, 5.25, 0, 4.37, 0, 8.06, 3.94, 0, 0.51, 4.52, 0, 2.37,
])  # fmt: skip
"""(64,) the output of the hidden dense layer of note-5 for the first test image, a 7."""


@dataclass(frozen=True, eq=False)
class Dropped:
    """Repeated draws of dropout for one layer's values.

    x: (units,); kept: (draws, units) bool; y: (draws, units), 0 where dropped, else x / (1 - rate).
    """

    x: np.ndarray
    rate: float
    kept: np.ndarray
    y: np.ndarray

    def running_means(self, unit: int) -> np.ndarray:
        """(draws,): the mean of a unit's values over the first draw, the first two, and so on."""
        return self.y[:, unit].cumsum() / np.arange(1, len(self.y) + 1)

    def spread(self, unit: int) -> float:
        """The standard deviation of a unit's value in one draw: |x| sqrt(rate / (1 - rate))."""
        return float(abs(self.x[unit]) * np.sqrt(self.rate / (1 - self.rate)))


def drop(x: np.ndarray, rate: float, draws: int, seed: int) -> Dropped:
    """Inverted dropout, as in training. x: (units,); rate in [0, 1); draws from 1.

    The same seed draws the same numbers: a higher rate drops what a lower one drops, and more.
    Source: Srivastava et al. 2014; the scaling of what is kept is that of Keras.
    """
    kept = np.random.default_rng(seed).random((draws, len(x))) >= rate
    return Dropped(x, rate, kept, np.where(kept, x / (1 - rate), 0.0))


MOMENTUM = 0.99
"""Keras's default of BatchNormalization."""


@dataclass(frozen=True)
class Statistics:
    """Mean and variance that normalize a channel."""

    mean: float
    variance: float


@dataclass(frozen=True, eq=False)
class Batches:
    """One channel through many batches.

    x: (batches, size); means, variances: (batches,), each batch's own, the variance being the mean
    of the squared deviations (divided by size, not size - 1); moving_means, moving_variances:
    (batches + 1,), from Keras's beginning, 0 and 1.
    """

    x: np.ndarray
    means: np.ndarray
    variances: np.ndarray
    moving_means: np.ndarray
    moving_variances: np.ndarray

    @property
    def last(self) -> Statistics:
        """The statistics of the last batch, used in training."""
        return Statistics(float(self.means[-1]), float(self.variances[-1]))

    @property
    def moving(self) -> Statistics:
        """The moving averages after all batches, used at prediction."""
        return Statistics(float(self.moving_means[-1]), float(self.moving_variances[-1]))


def batches(mean: float, scale: float, size: int, count: int, seed: int = 0) -> Batches:
    """Draw `count` batches, at least 1, of `size` normal values, and follow their statistics.

    The same seed draws the same values but for mean and scale, and the same first batches.
    """
    x = mean + scale * np.random.default_rng(seed).standard_normal((count, size))
    means, variances = x.mean(axis=1), x.var(axis=1)
    return Batches(x, means, variances, moving_average(means, 0.0), moving_average(variances, 1.0))


def moving_average(values: np.ndarray, first: float) -> np.ndarray:
    """From `first`, each time MOMENTUM of the old and the rest of the new. (n,) -> (n + 1,)."""
    found = [first]
    for value in values.tolist():
        found.append(MOMENTUM * found[-1] + (1 - MOMENTUM) * value)
    return np.array(found)


def normalize(x: np.ndarray, given: Statistics) -> np.ndarray:
    """x-hat: (x - mean) / sqrt(variance + EPSILON), of the shape of x.

    Source: Ioffe and Szegedy 2015, algorithm 1.
    """
    return (x - given.mean) / np.sqrt(given.variance + EPSILON)
