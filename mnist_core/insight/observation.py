"""The record of a network that trains on one batch several times."""

from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

MOST_STEPS = 20
MOST_IMAGES = 8
ROWS, COLUMNS = 32, 128
"""The most rows and columns of a table of weights that are kept: the first ones."""


def table(values: np.ndarray) -> np.ndarray:
    """Return weights as a table: a row per unit, filter or channel, a column per weight into it.

    values: (..., units); returns (units, product of the other axes), cut to ROWS x COLUMNS.
    """
    return values.reshape(-1, values.shape[-1]).T[:ROWS, :COLUMNS]


@dataclass(frozen=True, eq=False)
class Variable:
    """A kernel, a bias or the like, over the steps.

    shape: as Keras keeps it; weights: (steps + 1, rows, columns), a `table` before the first step
    and after each; gradients: (steps, rows, columns), before each step. float32.
    """

    name: str
    shape: tuple[int, ...]
    weights: np.ndarray
    gradients: np.ndarray

    def index(self, row: int, column: int) -> tuple[int, ...]:
        """Return the place in Keras's array of a cell of the table."""
        before = np.unravel_index(column, self.shape[:-1]) if self.shape[:-1] else ()
        return (*map(int, before), row)


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer with weights.

    weight_sizes: (steps + 1,), the mean absolute value of all its weights before the first step and
    after each; gradient_sizes: (steps,), that of their gradients, before each step.
    """

    name: str
    variables: tuple[Variable, ...]
    weight_sizes: np.ndarray
    gradient_sizes: np.ndarray


@dataclass(frozen=True, eq=False)
class Observation:
    """Some steps of an optimizer on one batch.

    losses: (steps + 1,), of the batch before the first step and after each; probabilities:
    (steps + 1, images, 10).
    """

    losses: np.ndarray
    probabilities: np.ndarray
    layers: tuple[Layer, ...]

    @property
    def finite(self) -> bool:
        """Whether no loss, weight, gradient or probability is infinite or not a number."""
        sizes = [(layer.weight_sizes, layer.gradient_sizes) for layer in self.layers]
        seen = [self.losses, self.probabilities.ravel(), *chain.from_iterable(sizes)]
        return bool(np.isfinite(np.concatenate(seen)).all())

    def first(self, steps: int) -> "Observation":
        """Return the observation of the first steps."""
        states = slice(steps + 1)
        layers = [
            Layer(
                layer.name,
                tuple(
                    replace(
                        variable,
                        weights=variable.weights[states],
                        gradients=variable.gradients[:steps],
                    )
                    for variable in layer.variables
                ),
                layer.weight_sizes[states],
                layer.gradient_sizes[:steps],
            )
            for layer in self.layers
        ]
        return Observation(self.losses[states], self.probabilities[states], tuple(layers))
