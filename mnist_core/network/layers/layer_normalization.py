"""LayerNormalization."""

from math import prod
from typing import ClassVar, Literal

from mnist_core.network.layers.base import KerasLayer, Layer, Shape
from mnist_core.network.layers.batch_normalization import EPSILON
from mnist_core.network.layers.notation import Notation


class LayerNormalization(Layer):
    """Normalize the channels of each place to mean 0 and variance 1, then scale and shift them."""

    notation = Notation("LN", {}, "LN")
    keeps_places = True
    has_weights = True
    fixed: ClassVar = {"epsilon": EPSILON, "rms_scaling": False}

    kind: Literal["layer_normalization"] = "layer_normalization"

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        weights: dict[str, Shape] = dict.fromkeys(("gamma", "beta"), inputs[-1:])
        return (KerasLayer("LayerNormalization", weights=weights, multiply_adds=prod(inputs)),)

    def window(self, inputs: Shape) -> tuple[int, int]:
        return (inputs[0] if len(inputs) == 1 else 1), 1
