"""Derivatives of the activations, as TensorFlow takes them, and how they shrink with depth."""

from collections.abc import Callable
from math import pi, sqrt
from typing import get_args

import numpy as np
from scipy.special import erf, expit

from mnist_core.insight.activations import activation
from mnist_core.network.layers import Activation

NAMES: tuple[str, ...] = get_args(Activation)

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

_DERIVATIVES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": np.ones_like,
    "relu": lambda z: np.where(z > 0, 1.0, 0.0),
    "leaky_relu": lambda z: np.where(z > 0, 1.0, 0.2),
    "elu": lambda z: np.exp(np.minimum(z, 0)),
    "selu": lambda z: _SELU_SCALE * np.where(z < 0, _SELU_ALPHA * np.exp(np.minimum(z, 0)), 1.0),
    "gelu": lambda z: (1 + erf(z / sqrt(2))) / 2 + z * np.exp(-(z**2) / 2) / sqrt(2 * pi),
    "sigmoid": lambda z: expit(z) * expit(-z),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
}


def value(name: str, z: np.ndarray | float) -> np.ndarray:
    """f(z) as Keras has it. name: one of `NAMES`; z: any shape. Returns float64."""
    return activation(name, z)


def derivative(name: str, z: np.ndarray | float) -> np.ndarray:
    """f'(z), where f has a corner or not: at z = 0 relu has 0, leaky_relu 0.2, selu 1.0507.

    These are the values of TensorFlow's gradients. name: one of `NAMES`; z: any shape.
    """
    return _DERIVATIVES[name](np.asarray(z, np.float64))


def gradient_after_layers(slope: float, depth: int) -> np.ndarray:
    """What is left of a gradient after 1, 2 ... `depth` layers of one slope: (depth,) float64."""
    return slope ** np.arange(1.0, depth + 1)
