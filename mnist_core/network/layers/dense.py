"""Dense."""

from math import prod
from typing import Annotated, Literal

from pydantic import Field

from mnist_core.network.activations import Activation
from mnist_core.network.layers.base import (
    L2,
    KerasLayer,
    Layer,
    Penalty,
    Shape,
    changed,
)
from mnist_core.network.layers.notation import Notation


class Dense(Layer):
    """Z = XW + b, then the activation; on an image it works on the channels of each pixel."""

    notation = Notation("D", {"units": "", "activation": "", "l2": "l2="}, "D128")
    size = "units"
    has_weights = True

    kind: Literal["dense"] = "dense"
    units: Annotated[int, Field(ge=1, le=4096)]
    activation: Activation = "relu"
    l2: L2 = 0.0

    def output_shape(self, inputs: Shape) -> Shape:
        return *inputs[:-1], self.units

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        kernel = (inputs[-1], self.units)
        options = changed(
            activation=(self.activation, "linear"),
            kernel_regularizer=(Penalty(self.l2), Penalty(0.0)),
        )
        return (
            KerasLayer(
                "Dense",
                (self.units,),
                options,
                {"kernel": kernel, "bias": (self.units,)},
                seeds=("kernel_initializer",),
                multiply_adds=prod(inputs[:-1]) * prod(kernel),
                activation=self.activation,
            ),
        )

    def window(self, inputs: Shape) -> tuple[int, int]:
        return (inputs[0] if len(inputs) == 1 else 1), 1

    def course_word(self, number: int, outputs: Shape) -> str:
        return f"D{outputs[-1]}"
