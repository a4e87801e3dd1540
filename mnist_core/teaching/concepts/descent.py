"""Four optimizers on a loss of two weights, with the steps of Keras 3."""

from dataclasses import dataclass
from math import hypot, nan, sqrt
from typing import NamedTuple

import numpy as np

from mnist_core.teaching.concepts.surfaces import Surface

STEPS = 100
RHO, BETA_1, BETA_2, EPSILON = 0.9, 0.9, 0.999, 1e-7
"""Keras's defaults: RHO is RMSprop's, the betas are Adam's, EPSILON is that of both."""

SGD, MOMENTUM, RMSPROP, ADAM = "Gradient descent", "Momentum", "RMSprop", "Adam"
NAMES: tuple[str, ...] = (SGD, MOMENTUM, RMSPROP, ADAM)
GONE = 1000.0
"""Distance from the origin at which a path counts as diverged and ends."""
SPREAD = 4.0
"""Standard deviation of one image's gradient around the mean over all images, in each weight."""

Pair = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Path:
    """One optimizer's path, all arrays float64, NaN once it has diverged.

    weights: (STEPS + 1, 2), with the start first; loss: (STEPS + 1,); gradients: (STEPS, 2), those
    of the batches, taken before each step; means: (STEPS, 2), after each step the velocity v of
    momentum or Adam's running mean m of the gradients, else 0; squares: (STEPS, 2), the running
    mean s of the squared gradients of RMSprop and Adam, else 0. gone: the step that led beyond
    GONE, None if none did.
    """

    name: str
    rate: float
    weights: np.ndarray
    loss: np.ndarray
    gradients: np.ndarray
    means: np.ndarray
    squares: np.ndarray
    gone: int | None


class State(NamedTuple):
    """Two weights after a step, with what the optimizer remembers of each: (2,) float64."""

    weights: np.ndarray
    mean: np.ndarray
    square: np.ndarray


def move(
    name: str, step: int, before: State, gradient: np.ndarray, rate: float, momentum: float
) -> State:
    """Return the state after the step numbered `step`, from 1.

    gradient: (2,); momentum: in [0, 1), that of MOMENTUM alone.
    Source: keras.optimizers of Keras 3.15, SGD (nesterov off), RMSprop and Adam.
    """
    weights, mean, square = before
    if name == SGD:
        return State(weights - rate * gradient, mean, square)
    if name == MOMENTUM:
        mean = momentum * mean - rate * gradient
        return State(weights + mean, mean, square)
    if name == RMSPROP:
        square = RHO * square + (1 - RHO) * gradient**2
        return State(weights - rate * gradient / np.sqrt(square + EPSILON), mean, square)
    mean = BETA_1 * mean + (1 - BETA_1) * gradient
    square = BETA_2 * square + (1 - BETA_2) * gradient**2
    alpha = corrected(rate, step)
    return State(weights - alpha * mean / (np.sqrt(square) + EPSILON), mean, square)


def corrected(rate: float, step: int) -> float:
    """Return Adam's learning rate at a step, from 1, corrected for means that began at 0."""
    return rate * sqrt(1 - BETA_2**step) / (1 - BETA_1**step)


def batch_noise(size: int) -> np.ndarray:
    """Return how far each batch's gradient is from the mean over all images: (STEPS, 2) float64.

    It is normal with a standard deviation of SPREAD / sqrt(size), that of the mean of `size`
    independent images, and always drawn alike.
    """
    return np.random.default_rng(0).normal(0, SPREAD / sqrt(size), (STEPS, 2))


def walk(
    surface: Surface, name: str, start: Pair, rate: float, momentum: float, batch: int | None = None
) -> Path:
    """Return the path of STEPS steps from a start with a constant learning rate.

    batch: the images behind each gradient, see `batch_noise`; None: all of them, without noise.
    """
    noise = np.zeros((STEPS, 2)) if batch is None else batch_noise(batch)
    weights, gradients = np.full((STEPS + 1, 2), nan), np.full((STEPS, 2), nan)
    means, squares = gradients.copy(), gradients.copy()
    weights[0] = start
    state, gone = State(weights[0], np.zeros(2), np.zeros(2)), None
    for at in range(STEPS):
        gradient = np.array(surface.gradient(*state.weights.tolist())) + noise[at]
        state = move(name, at + 1, state, gradient, rate, momentum)
        if not hypot(*state.weights) <= GONE:
            gone = at + 1
            break
        weights[at + 1], means[at], squares[at] = state
        gradients[at] = gradient
    loss = surface.loss(weights[:, 0], weights[:, 1])
    return Path(name, rate, weights, loss, gradients, means, squares, gone)


def limit(curvature: float, momentum: float = 0.0) -> float:
    """Return the learning rate at which descent stops converging for this largest curvature.

    For a quadratic loss: 2 / curvature, and 2 (1 + momentum) / curvature with momentum.
    Source: Polyak 1964.
    """
    return 2 * (1 + momentum) / curvature
