"""GlobalAveragePooling2D."""

from typing import Literal

from mnist_core.network.layers.base import Layer, Shape
from mnist_core.network.value import SpecError


class GlobalAveragePooling2D(Layer):
    """The mean of each channel over the whole image."""

    kind: Literal["global_average_pooling2d"] = "global_average_pooling2d"

    def output_shape(self, inputs: Shape) -> Shape:
        if len(inputs) != 3:
            raise SpecError(
                "GlobalAveragePooling2D needs height, width and channels, but receives a vector "
                f"of {inputs[0]}: it replaces Flatten, so keep one of the two"
            )
        return inputs[-1:]
