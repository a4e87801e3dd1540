"""Conv2D."""

from typing import Annotated, Literal

from pydantic import Field

from mnist_core.network.layers.base import L2, Activation, Shape, Windowed


class Conv2D(Windowed):
    """2-D convolution with square kernels; no bias if batch normalization follows."""

    kind: Literal["conv2d"] = "conv2d"
    filters: Annotated[int, Field(ge=1, le=1024)]
    kernel_size: Annotated[int, Field(ge=1, le=7)] = 3
    strides: Annotated[int, Field(ge=1, le=7)] = 1
    activation: Activation = "relu"
    batch_normalization: bool = False
    l2: L2 = 0.0

    def output_shape(self, inputs: Shape) -> Shape:
        return *self._slide(inputs, self.kernel_size, self.strides, "convolution"), self.filters
