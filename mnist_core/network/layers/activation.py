"""Activation."""

from typing import Literal

from mnist_core.network import activations
from mnist_core.network.layers.base import KerasLayer, Layer, Shape
from mnist_core.network.layers.notation import Notation


class Activation(Layer):
    """An activation function as a layer of its own."""

    notation = Notation("Act", {"activation": ""}, "Actrelu", always="activation")
    keeps_places = True

    kind: Literal["activation"] = "activation"
    activation: activations.Activation = "relu"

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        return (KerasLayer("Activation", (self.activation,), activation=self.activation),)
