"""Four optimizers walk down a loss of two weights, each step as Keras 3 makes it."""

from dataclasses import dataclass
from math import hypot, isfinite, nan, sqrt

import numpy as np

from mnist_core.teaching.concepts.surfaces import Surface

STEPS = 100
RHO, BETA_1, BETA_2, EPSILON = 0.9, 0.9, 0.999, 1e-7
"""Keras's defaults: RHO is RMSprop's, the betas are Adam's, EPSILON is that of both."""

SGD, MOMENTUM, RMSPROP, ADAM = "Gradient descent", "Momentum", "RMSprop", "Adam"
NAMES: tuple[str, ...] = (SGD, MOMENTUM, RMSPROP, ADAM)
GONE = 1000.0
"""A path this far from the origin does not come back; it ends there."""

Pair = tuple[float, float]


@dataclass(frozen=True, eq=False)
class Path:
    """One optimizer's way, all arrays float64, NaN from where it is gone.

    weights: (STEPS + 1, 2), with the start first; loss: (STEPS + 1,); gradients: (STEPS, 2), taken
    before each step; means: (STEPS, 2), after each step the velocity v of momentum or Adam's
    running mean m of the gradients, else 0; squares: (STEPS, 2), the running mean s of the squared
    gradients of RMSprop and Adam, else 0. gone: the step that led beyond GONE, None if none did.
    """

    name: str
    rate: float
    weights: np.ndarray
    loss: np.ndarray
    gradients: np.ndarray
    means: np.ndarray
    squares: np.ndarray
    gone: int | None


@dataclass(frozen=True)
class Moved:
    """One weight after one step, with what the optimizer remembers of it."""

    weight: float
    mean: float
    square: float


def move(
    name: str, step: int, before: Moved, gradient: float, rate: float, momentum: float
) -> Moved:
    """The step numbered `step`, from 1. `momentum` in [0, 1) is that of MOMENTUM alone.

    Source: keras.optimizers of Keras 3.15, SGD (nesterov off), RMSprop and Adam.
    """
    weight, mean, square = before.weight, before.mean, before.square
    if name == SGD:
        return Moved(weight - rate * gradient, 0.0, 0.0)
    if name == MOMENTUM:
        mean = momentum * mean - rate * gradient
        return Moved(weight + mean, mean, 0.0)
    if name == RMSPROP:
        square = RHO * square + (1 - RHO) * gradient * gradient
        return Moved(weight - rate * gradient / sqrt(square + EPSILON), 0.0, square)
    mean += (gradient - mean) * (1 - BETA_1)
    square += (gradient * gradient - square) * (1 - BETA_2)
    alpha = corrected(rate, step)
    return Moved(weight - alpha * mean / (sqrt(square) + EPSILON), mean, square)


def corrected(rate: float, step: int) -> float:
    """Adam's learning rate at a step, from 1, corrected for means that began at 0."""
    return rate * sqrt(1 - BETA_2**step) / (1 - BETA_1**step)


def walk(surface: Surface, name: str, start: Pair, rate: float, momentum: float) -> Path:
    """STEPS steps from a start with a constant learning rate."""
    nows = (Moved(start[0], 0.0, 0.0), Moved(start[1], 0.0, 0.0))
    rows, gone = [], None  # a row: weights, gradients, means, squares
    for step in range(1, STEPS + 1):
        gradient = surface.gradient(nows[0].weight, nows[1].weight)
        nows = tuple(
            move(name, step, now, g, rate, momentum) for now, g in zip(nows, gradient, strict=True)
        )
        if not _near(nows[0].weight, nows[1].weight):
            gone = step
            break
        remembered = (now.mean for now in nows), (now.square for now in nows)
        rows.append([nows[0].weight, nows[1].weight, *gradient, *remembered[0], *remembered[1]])
    rows += [[nan] * 8] * (STEPS - len(rows))
    table = np.array(rows)
    weights = np.vstack([start, table[:, :2]])
    loss = surface.loss(weights[:, 0], weights[:, 1])
    return Path(name, rate, weights, loss, table[:, 2:4], table[:, 4:6], table[:, 6:], gone)


def _near(w1: float, w2: float) -> bool:
    return isfinite(w1) and isfinite(w2) and hypot(w1, w2) <= GONE


def limit(curvature: float, momentum: float = 0.0) -> float:
    """The learning rate from which a quadratic loss of this largest curvature is not descended.

    2 / curvature for gradient descent, 2 (1 + momentum) / curvature with momentum.
    Source: Polyak 1964.
    """
    return 2 * (1 + momentum) / curvature
