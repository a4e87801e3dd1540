"""Conv2D."""

from math import prod
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mnist_core.network.activations import Activation
from mnist_core.network.layers.base import (
    L2,
    KerasLayer,
    Penalty,
    Shape,
    Windowed,
    changed,
)
from mnist_core.network.layers.batch_normalization import normalization
from mnist_core.network.layers.notation import Notation


class Conv2D(Windowed):
    """2-D convolution with square kernels; no bias if batch normalization follows."""

    notation = Notation(
        "C",
        {
            "filters": "",
            "kernel_size": "k",
            "strides": "s",
            "padding": "",
            "batch_normalization": "bn",
            "activation": "",
            "l2": "l2=",
        },
        "C32",
    )
    size = "filters"
    has_weights = True
    convolves = True
    fixed: ClassVar = {"groups": 1, "dilation_rate": [1, 1], "data_format": "channels_last"}

    kind: Literal["conv2d"] = "conv2d"
    filters: Annotated[int, Field(ge=1, le=1024)]
    kernel_size: Annotated[int, Field(ge=1, le=28)] = 3
    strides: Annotated[int, Field(ge=1, le=7)] = 1
    activation: Activation = "relu"
    batch_normalization: bool = False
    l2: L2 = 0.0

    @property
    def sliding(self) -> tuple[int, int]:
        return self.kernel_size, self.strides

    def output_shape(self, inputs: Shape) -> Shape:
        return *self._slide(inputs, "convolution"), self.filters

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        outputs = self.output_shape(inputs)
        normalized = self.batch_normalization
        kernel = (self.kernel_size, self.kernel_size, inputs[-1], self.filters)
        own = "linear" if normalized else self.activation
        convolution = KerasLayer(
            "Conv2D",
            (self.filters, self.kernel_size),
            changed(
                strides=(self.strides, 1),
                padding=(self.padding, "valid"),
                use_bias=(not normalized, True),
                activation=(own, "linear"),
                kernel_regularizer=(Penalty(self.l2), Penalty(0.0)),
            ),
            {"kernel": kernel} | ({} if normalized else {"bias": (self.filters,)}),
            seeds=("kernel_initializer",),
            multiply_adds=prod(outputs[:-1]) * prod(kernel),
            activation=own,
        )
        if not normalized:
            return (convolution,)
        activation = KerasLayer("Activation", (self.activation,), activation=self.activation)
        return convolution, normalization(outputs), activation
