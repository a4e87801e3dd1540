"""BatchNormalization."""

from math import prod
from typing import Literal

from mnist_core.network.layers.base import KerasLayer, Layer, Shape
from mnist_core.network.layers.notation import Notation

EPSILON = 1e-3
"""The number that Keras adds to the variance."""


class BatchNormalization(Layer):
    """Normalize each channel to mean 0 and variance 1 over the batch, then scale and shift it."""

    notation = Notation("BN", {}, "BN")
    keeps_places = True
    has_weights = True

    kind: Literal["batch_normalization"] = "batch_normalization"

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        return (normalization(inputs),)


def normalization(shape: Shape) -> KerasLayer:
    """Return Keras's layer for values of a shape: gamma and beta are trained, the means are not."""
    moving = ("moving_mean", "moving_variance")
    weights: dict[str, Shape] = dict.fromkeys(("gamma", "beta", *moving), shape[-1:])
    return KerasLayer(
        "BatchNormalization", weights=weights, frozen=moving, multiply_adds=prod(shape)
    )
