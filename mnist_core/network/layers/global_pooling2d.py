"""GlobalAveragePooling2D and GlobalMaxPooling2D."""

from typing import ClassVar, Literal

from mnist_core.network.layers.base import KerasLayer, Layer, Shape
from mnist_core.network.layers.notation import Notation
from mnist_core.network.value import SpecError


class GlobalPooling(Layer):
    """The base of the poolings over the whole image, one number for each channel."""

    makes_vector = True
    needs_image = True
    fixed: ClassVar = {"data_format": "channels_last", "keepdims": False}

    def output_shape(self, inputs: Shape) -> Shape:
        if len(inputs) != 3:
            raise SpecError(
                f"{type(self).__name__} needs height, width and channels, but receives a vector "
                f"of {inputs[0]}: it replaces Flatten, so keep one of the two"
            )
        return inputs[-1:]

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        return (KerasLayer(type(self).__name__),)

    def window(self, inputs: Shape) -> tuple[int, int]:
        return inputs[0], 1


class GlobalAveragePooling2D(GlobalPooling):
    """The mean of each channel over the whole image."""

    notation = Notation("GAP", {}, "GAP")

    kind: Literal["global_average_pooling2d"] = "global_average_pooling2d"

    def course_word(self, number: int, outputs: Shape) -> str:
        return f"G{outputs[-1]}"


class GlobalMaxPooling2D(GlobalPooling):
    """The largest value of each channel in the whole image."""

    notation = Notation("GMP", {}, "GMP")

    kind: Literal["global_max_pooling2d"] = "global_max_pooling2d"
