"""The activation functions of Keras in NumPy, without TensorFlow."""

from collections.abc import Callable
from math import sqrt

import numpy as np
from scipy.special import erf, expit

_SELU_SCALE, _SELU_ALPHA = 1.0507009873554805, 1.6732632423543772

_ACTIVATIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "linear": lambda z: z,
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z >= 0, z, 0.2 * z),
    "elu": lambda z: np.where(z > 0, z, np.expm1(np.minimum(z, 0))),
    "selu": lambda z: _SELU_SCALE * np.where(z > 0, z, _SELU_ALPHA * np.expm1(np.minimum(z, 0))),
    "gelu": lambda z: z * (1 + erf(z / sqrt(2))) / 2,
    "sigmoid": expit,
    "tanh": np.tanh,
}


def activation(name: str, z: np.ndarray | float) -> np.ndarray:
    """Return an activation of z, float64 of z's shape, as Keras 3 computes it.

    name: one of `network.layers.Activation`. leaky_relu has the slope 0.2; gelu is the exact one.
    """
    return _ACTIVATIONS[name](np.asarray(z, np.float64))
