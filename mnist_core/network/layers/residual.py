"""Residual."""

from dataclasses import replace
from typing import Annotated, Literal

from pydantic import Field

from mnist_core.network.layers.base import KerasLayer, Layer, Shape, need_image
from mnist_core.network.layers.conv2d import Conv2D
from mnist_core.network.layers.notation import Notation
from mnist_core.network.layers.sliding import zeros

KERNEL = 3


class Residual(Layer):
    """Two 3x3 convolutions whose result is added to their input, as in ResNet.

    Each convolution keeps the size and is batch-normalized. Where the input has other channels or
    strides shrink it, a 1x1 convolution brings it to the same shape before the addition.
    Source: He et al. 2015, section 3.3, option B.
    """

    notation = Notation("Res", {"filters": "", "strides": "s"}, "Res32")
    size = "filters"
    needs_image = True
    has_weights = True
    convolves = True

    kind: Literal["residual"] = "residual"
    filters: Annotated[int, Field(ge=1, le=1024)]
    strides: Annotated[int, Field(ge=1, le=7)] = 1

    def window(self, inputs: Shape) -> tuple[int, int]:
        return KERNEL + (KERNEL - 1) * self.strides, self.strides

    def zeros_before(self, side: int) -> int:
        return zeros(side, KERNEL, self.strides, "same")[0] + self.strides

    def output_shape(self, inputs: Shape) -> Shape:
        need_image(inputs, "residual block")
        return self._convolution(self.strides).output_shape(inputs)

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        """Return the layers in Keras's own order, in which the two paths take turns."""
        outputs = self.output_shape(inputs)
        first, second = self._convolution(self.strides), self._convolution(1)
        convolution, normalization, relu = first.keras_layers(inputs)
        again, normalized, _ = second.keras_layers(outputs)
        own = convolution, normalization, relu, again, normalized
        reads = (first, None, None, second, None)
        main = [replace(made, reads=by) for made, by in zip(own, reads, strict=True)]
        if outputs != inputs:
            matching = self._convolution(self.strides, 1)
            projection, projected, _ = matching.keras_layers(inputs)
            main.insert(4, replace(projection, path="shortcut", reads=matching))
            main.append(replace(projected, path="shortcut"))
        return *main, KerasLayer("Add", path="both"), relu

    def _convolution(self, strides: int, kernel_size: int = KERNEL) -> Conv2D:
        return Conv2D(
            filters=self.filters,
            kernel_size=kernel_size,
            strides=strides,
            padding="same",
            batch_normalization=True,
        )
