"""The activation functions of Keras and their slopes in NumPy, without TensorFlow."""

from collections.abc import Callable
from dataclasses import dataclass
from math import pi, sqrt
from typing import Literal, get_args

import numpy as np
from scipy.special import erf, expit

Activation = Literal[
    "relu",
    "relu6",
    "softplus",
    "leaky_relu",
    "elu",
    "gelu",
    "silu",
    "selu",
    "sigmoid",
    "tanh",
    "linear",
]

NAMES: tuple[Activation, ...] = get_args(Activation)

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772


@dataclass(frozen=True)
class _Function:
    """An activation, as Keras 3 computes it, and its derivative, as TensorFlow takes it.

    Where the function has a corner, at z = 0, relu has the slope 0, leaky_relu 0.2, selu 1.0507.
    """

    value: Callable[[np.ndarray], np.ndarray]
    slope: Callable[[np.ndarray], np.ndarray]


_FUNCTIONS: dict[str, _Function] = {
    "linear": _Function(lambda z: z, np.ones_like),
    "relu": _Function(lambda z: np.maximum(z, 0), lambda z: np.where(z > 0, 1.0, 0.0)),
    "leaky_relu": _Function(
        lambda z: np.where(z >= 0, z, 0.2 * z), lambda z: np.where(z > 0, 1.0, 0.2)
    ),
    "elu": _Function(
        lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
        lambda z: np.exp(np.minimum(z, 0)),
    ),
    "selu": _Function(
        lambda z: _SELU_SCALE * np.where(z > 0, z, _SELU_ALPHA * np.expm1(np.minimum(z, 0))),
        lambda z: _SELU_SCALE * np.where(z < 0, _SELU_ALPHA * np.exp(np.minimum(z, 0)), 1.0),
    ),
    "gelu": _Function(
        lambda z: z * (1 + erf(z / sqrt(2))) / 2,
        lambda z: (1 + erf(z / sqrt(2))) / 2 + z * np.exp(-(z**2) / 2) / sqrt(2 * pi),
    ),
    "silu": _Function(lambda z: z * expit(z), lambda z: expit(z) * (1 + z * expit(-z))),
    "relu6": _Function(lambda z: np.clip(z, 0, 6), lambda z: np.where((z > 0) & (z < 6), 1.0, 0.0)),
    "softplus": _Function(lambda z: np.logaddexp(0, z), expit),
    "sigmoid": _Function(expit, lambda z: expit(z) * expit(-z)),
    "tanh": _Function(np.tanh, lambda z: 1 - np.tanh(z) ** 2),
}


def activation(name: str, z: np.ndarray | float) -> np.ndarray:
    """Return an activation of z, float64 of z's shape; leaky_relu has the slope 0.2 below 0."""
    return _FUNCTIONS[name].value(np.asarray(z, np.float64))


def derivative(name: str, z: np.ndarray | float) -> np.ndarray:
    """Return the slope of an activation at z, float64 of z's shape."""
    return _FUNCTIONS[name].slope(np.asarray(z, np.float64))
