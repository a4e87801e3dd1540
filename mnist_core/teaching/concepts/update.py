"""One step of an optimizer for one weight, number by number, as Keras 3 takes it.

Source: keras.optimizers of Keras 3.15.
"""

from collections.abc import Callable, Iterable
from math import copysign, sqrt

from mnist_core.network.spec import Training

EPSILON, RHO = 1e-7, 0.9
DECAY, LION_BETA_2, FIRST_SQUARE = 0.004, 0.99, 0.1
"""Keras's defaults that `Training` lacks: AdamW's weight decay, Lion's second beta, and what
Adagrad begins its sum of squares with."""

Numbers = dict[str, float]
"""The numbers of one step by their names; `step` is what is taken from the weight."""


def rule(training: Training) -> str:
    """Return the name of the rule in RULES by which a training's weights change."""
    if training.optimizer == "sgd" and training.momentum:
        return "nesterov" if training.nesterov else "momentum"
    return training.optimizer


def update(training: Training, gradients: Iterable[float]) -> Numbers:
    """Return the numbers of the last of several steps. gradients: of a weight before each step.

    They are t, from 1, the gradient g, `step`, and what the rule remembers and works out. A name
    that ends in 0 is the value before the step.
    """
    numbers: Numbers = {}
    for t, g in enumerate(gradients, start=1):
        numbers = {"t": t, "g": g} | RULES[rule(training)](training, t, g, numbers)
    return numbers


def decay(training: Training) -> float:
    """Return the share of itself that a weight loses before each step: AdamW's weight decay."""
    if training.optimizer != "adamw":
        return 0.0
    given = training.weight_decay
    return training.learning_rate * (DECAY if given is None else given)


def _sgd(training: Training, t: int, g: float, before: Numbers) -> Numbers:
    return {"step": training.learning_rate * g}


def _momentum(training: Training, t: int, g: float, before: Numbers) -> Numbers:
    v0 = before.get("v", 0.0)
    v = training.momentum * v0 - training.learning_rate * g
    return {"v0": v0, "v": v, "step": -v}


def _nesterov(training: Training, t: int, g: float, before: Numbers) -> Numbers:
    numbers = _momentum(training, t, g, before)
    step = training.learning_rate * g - training.momentum * numbers["v"]
    return numbers | {"step": step}


def _rmsprop(training: Training, t: int, g: float, before: Numbers) -> Numbers:
    s0 = before.get("s", 0.0)
    s = RHO * s0 + (1 - RHO) * g**2
    return {"s0": s0, "s": s, "step": training.learning_rate * g / sqrt(s + EPSILON)}


def _adagrad(training: Training, t: int, g: float, before: Numbers) -> Numbers:
    s0 = before.get("s", FIRST_SQUARE)
    s = s0 + g**2
    return {"s0": s0, "s": s, "step": training.learning_rate * g / sqrt(s + EPSILON)}


def _means(training: Training, g: float, before: Numbers) -> Numbers:
    """Return the running means of the gradient and of its square, before and after."""
    m0, s0 = before.get("m", 0.0), before.get("s", 0.0)
    m = training.beta_1 * m0 + (1 - training.beta_1) * g
    s = training.beta_2 * s0 + (1 - training.beta_2) * g**2
    return {"m0": m0, "m": m, "s0": s0, "s": s}


def _adam(training: Training, t: int, g: float, before: Numbers) -> Numbers:
    numbers = _means(training, g, before)
    rate = training.learning_rate * sqrt(1 - training.beta_2**t) / (1 - training.beta_1**t)
    return numbers | {
        "rate": rate,
        "step": rate * numbers["m"] / (sqrt(numbers["s"]) + EPSILON),
    }


def _nadam(training: Training, t: int, g: float, before: Numbers) -> Numbers:
    numbers = _means(training, g, before)
    now, following = (training.beta_1 * (1 - 0.5 * 0.96**at) for at in (t, t + 1))
    product = before.get("product", 1.0) * now
    mean = following * numbers["m"] / (1 - product * following) + (1 - now) * g / (1 - product)
    square = numbers["s"] / (1 - training.beta_2**t)
    return numbers | {
        "now": now,
        "following": following,
        "product": product,
        "mean": mean,
        "square": square,
        "step": training.learning_rate * mean / (sqrt(square) + EPSILON),
    }


def _adamax(training: Training, t: int, g: float, before: Numbers) -> Numbers:
    numbers = _means(training, g, before)
    u0 = before.get("u", 0.0)
    u = max(training.beta_2 * u0, abs(g))
    rate = training.learning_rate / (1 - training.beta_1**t)
    return numbers | {"u0": u0, "u": u, "rate": rate, "step": rate * numbers["m"] / (u + EPSILON)}


def _lion(training: Training, t: int, g: float, before: Numbers) -> Numbers:
    m0, beta = before.get("m", 0.0), training.beta_1
    mixed = beta * m0 + (1 - beta) * g
    sign = copysign(1.0, mixed) if mixed else 0.0
    m = LION_BETA_2 * m0 + (1 - LION_BETA_2) * g
    return {"m0": m0, "m": m, "mixed": mixed, "step": training.learning_rate * sign}


RULES: dict[str, Callable[[Training, int, float, Numbers], Numbers]] = {
    "sgd": _sgd,
    "momentum": _momentum,
    "nesterov": _nesterov,
    "rmsprop": _rmsprop,
    "adam": _adam,
    "adamw": _adam,
    "nadam": _nadam,
    "adagrad": _adagrad,
    "adamax": _adamax,
    "lion": _lion,
}
"""Each takes a training, the number of the step from 1, the gradient, and the numbers of the step
before, {} at first."""
