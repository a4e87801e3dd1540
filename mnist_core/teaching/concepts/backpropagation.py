"""Backpropagation through a network with two inputs, two hidden units and one output; NumPy only.

All units are sigmoids, and the loss is the binary cross-entropy. The nine parameters are one table:
a column for each unit (hidden 1, hidden 2, output), with its two weights above its bias.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import expit

from mnist_core.teaching.concepts.tables import LARGEST, checked

FIRST = np.array([[1.0, -1.0, 2.0], [0.5, 1.5, -1.0], [0.0, 0.5, -0.5]])
"""Parameters to begin with."""

NUDGE = 1e-3
"""How far a weight is moved in each direction to measure its slope."""

INPUTS, BIAS, OUTPUT = 2, 2, 2
"""The number of inputs and of hidden units; the row of the biases; the column of the output."""


@dataclass(frozen=True, eq=False)
class Pass:
    """A forward and a backward pass. "_grad" is the derivative of the loss with respect to a value.

    parameters: (3, 3); x: (2,), the inputs; label: 0 or 1. z: (2,), h: (2,), the hidden units
    before and after the sigmoid; z_out, p: the output; loss in nats. gradient: (3, 3), that of the
    parameters. All float64.
    """

    parameters: np.ndarray
    x: np.ndarray
    label: int
    z: np.ndarray
    h: np.ndarray
    z_out: float
    p: float
    loss: float
    z_out_grad: float
    h_grad: np.ndarray
    z_grad: np.ndarray
    x_grad: np.ndarray
    gradient: np.ndarray

    @property
    def weights_out(self) -> np.ndarray:
        """The weights of the output: (2,)."""
        return self.parameters[:INPUTS, OUTPUT]


def run(parameters: np.ndarray, x: np.ndarray, label: int) -> Pass:
    """Return both passes. Shapes as in `Pass`; raises TableError on empty or huge parameters."""
    return _run(checked(parameters, "the weights and biases"), x, label)


def _run(parameters: np.ndarray, x: np.ndarray, label: int) -> Pass:
    hidden, out = parameters[:INPUTS, :OUTPUT], parameters[:INPUTS, OUTPUT]
    z = x @ hidden + parameters[BIAS, :OUTPUT]
    h = expit(z)
    z_out = float(h @ out + parameters[BIAS, OUTPUT])
    p = float(expit(z_out))
    z_out_grad = p - label  # the slopes of loss and sigmoid, multiplied
    h_grad = z_out_grad * out
    z_grad = h_grad * h * (1 - h)
    gradient = np.empty_like(parameters)
    gradient[:INPUTS, :OUTPUT] = np.outer(x, z_grad)
    gradient[BIAS, :OUTPUT] = z_grad
    gradient[:INPUTS, OUTPUT] = z_out_grad * h
    gradient[BIAS, OUTPUT] = z_out_grad
    loss = _loss(z_out, label)
    x_grad = hidden @ z_grad
    return Pass(
        parameters, x, label, z, h, z_out, p, loss, z_out_grad, h_grad, z_grad, x_grad, gradient
    )


def _loss(z_out: float, label: int) -> float:
    """Return -ln p for the label 1 and -ln(1 - p) for 0, without overflow."""
    return float(np.logaddexp(0, z_out) - label * z_out)


def measured_slope(passed: Pass, row: int, column: int) -> float:
    """Return how fast the loss rises with one parameter: it is nudged, and the loss measured."""
    return slope(
        lambda moved: _run(moved, passed.x, passed.label).loss, passed.parameters, (row, column)
    )


def slope(loss: Callable[[np.ndarray], float], values: np.ndarray, place: tuple[int, int]) -> float:
    """Return how fast a loss rises with one of its values, nudged down and up by `NUDGE`."""
    losses = []
    for nudge in (NUDGE, -NUDGE):
        moved = values.copy()
        moved[place] += nudge
        losses.append(loss(moved))
    return (losses[0] - losses[1]) / (2 * NUDGE)


def step(passed: Pass, rate: float, times: int = 1) -> np.ndarray:
    """Return the parameters after steps of gradient descent with a learning rate.

    They stay in the range of a table's cells.
    """
    for _ in range(times):
        after = np.clip(passed.parameters - rate * passed.gradient, -LARGEST, LARGEST)
        passed = _run(after, passed.x, passed.label)
    return passed.parameters
