"""SeparableConv2D."""

from math import prod
from typing import Annotated, Literal

from pydantic import Field

from mnist_core.network.layers.base import KerasLayer, Shape
from mnist_core.network.layers.depthwise_conv2d import KernelPerChannel
from mnist_core.network.layers.notation import Notation


class SeparableConv2D(KernelPerChannel):
    """A kernel for each input channel alone, then a 1x1 convolution that mixes the channels."""

    notation = Notation(
        "SC",
        {"filters": "", "kernel_size": "k", "strides": "s", "padding": "", "activation": ""},
        "SC32",
    )
    size = "filters"

    kind: Literal["separable_conv2d"] = "separable_conv2d"
    filters: Annotated[int, Field(ge=1, le=1024)]

    def output_shape(self, inputs: Shape) -> Shape:
        return *self._slide(inputs, "separable convolution"), self.filters

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        depthwise = (self.kernel_size, self.kernel_size, inputs[-1], 1)
        pointwise = (1, 1, inputs[-1], self.filters)
        positions = prod(self.output_shape(inputs)[:-1])
        return (
            KerasLayer(
                "SeparableConv2D",
                (self.filters, self.kernel_size),
                self._options(),
                {
                    "depthwise_kernel": depthwise,
                    "pointwise_kernel": pointwise,
                    "bias": (self.filters,),
                },
                seeds=("depthwise_initializer", "pointwise_initializer"),
                multiply_adds=positions * (prod(depthwise) + prod(pointwise)),
                activation=self.activation,
            ),
        )
