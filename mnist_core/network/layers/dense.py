"""Dense."""

from typing import Annotated, Literal

from pydantic import Field

from mnist_core.network.layers.base import L2, Activation, Layer, Shape


class Dense(Layer):
    """Z = XW + b, then the activation; on an image it works on the channels of each pixel."""

    kind: Literal["dense"] = "dense"
    units: Annotated[int, Field(ge=1, le=4096)]
    activation: Activation = "relu"
    l2: L2 = 0.0

    def output_shape(self, inputs: Shape) -> Shape:
        return *inputs[:-1], self.units
