"""DepthwiseConv2D."""

from math import prod
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mnist_core.network.activations import Activation
from mnist_core.network.layers.base import KerasLayer, Shape, Windowed, changed
from mnist_core.network.layers.notation import Notation


class KernelPerChannel(Windowed):
    """The base of the convolutions that have a kernel for each channel of their input."""

    has_weights = True
    convolves = True
    fixed: ClassVar = {
        "depth_multiplier": 1,
        "dilation_rate": [1, 1],
        "data_format": "channels_last",
    }

    kernel_size: Annotated[int, Field(ge=1, le=28)] = 3
    strides: Annotated[int, Field(ge=1, le=7)] = 1
    activation: Activation = "relu"

    @property
    def sliding(self) -> tuple[int, int]:
        return self.kernel_size, self.strides

    def _options(self) -> dict[str, object]:
        """Return the options of Keras that differ from its own."""
        return changed(
            strides=(self.strides, 1),
            padding=(self.padding, "valid"),
            activation=(self.activation, "linear"),
        )


class DepthwiseConv2D(KernelPerChannel):
    """A kernel for each channel alone, so that as many channels leave as come in."""

    notation = Notation(
        "DC", {"kernel_size": "k", "strides": "s", "padding": "", "activation": ""}, "DCk3"
    )

    kind: Literal["depthwise_conv2d"] = "depthwise_conv2d"

    def output_shape(self, inputs: Shape) -> Shape:
        return *self._slide(inputs, "depthwise convolution"), inputs[-1]

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        kernel = (self.kernel_size, self.kernel_size, inputs[-1], 1)
        return (
            KerasLayer(
                "DepthwiseConv2D",
                (self.kernel_size,),
                self._options(),
                {"kernel": kernel, "bias": inputs[-1:]},
                seeds=("depthwise_initializer",),
                multiply_adds=prod(self.output_shape(inputs)[:-1]) * prod(kernel),
                activation=self.activation,
            ),
        )
