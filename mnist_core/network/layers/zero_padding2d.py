"""ZeroPadding2D."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mnist_core.network.layers.base import KerasLayer, Layer, Shape, need_image
from mnist_core.network.layers.notation import Notation


class ZeroPadding2D(Layer):
    """A border of zeros, `padding` pixels wide, on all four sides."""

    notation = Notation("Z", {"padding": ""}, "Z1", always="padding")
    needs_image = True
    fixed: ClassVar = {"data_format": "channels_last"}

    kind: Literal["zero_padding2d"] = "zero_padding2d"
    padding: Annotated[int, Field(ge=1, le=7)] = 1

    def output_shape(self, inputs: Shape) -> Shape:
        need_image(inputs, "ZeroPadding2D")
        height, width, channels = inputs
        return height + 2 * self.padding, width + 2 * self.padding, channels

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        return (KerasLayer("ZeroPadding2D", (self.padding,)),)

    def zeros_before(self, side: int) -> int:
        return self.padding
