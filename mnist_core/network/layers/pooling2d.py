"""MaxPooling2D and AveragePooling2D."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mnist_core.network.layers.base import KerasLayer, Shape, Windowed, changed
from mnist_core.network.layers.notation import Notation

_SETTINGS = {"pool_size": "", "strides": "s", "padding": ""}


class Pooling(Windowed):
    """The base of both poolings; `strides` None means `pool_size`, as in Keras."""

    fixed: ClassVar = {"data_format": "channels_last"}

    pool_size: Annotated[int, Field(ge=1, le=28)] = 2
    strides: Annotated[int | None, Field(ge=1, le=28)] = None

    @property
    def sliding(self) -> tuple[int, int]:
        return self.pool_size, self.strides or self.pool_size

    def output_shape(self, inputs: Shape) -> Shape:
        return *self._slide(inputs, "pooling"), inputs[-1]

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        options = changed(strides=(self.strides, None), padding=(self.padding, "valid"))
        return (KerasLayer(type(self).__name__, (self.pool_size,), options),)


class MaxPooling2D(Pooling):
    """The largest value of each window."""

    notation = Notation("M", _SETTINGS, "M")

    kind: Literal["max_pooling2d"] = "max_pooling2d"


class AveragePooling2D(Pooling):
    """The mean of each window."""

    notation = Notation("A", _SETTINGS, "A")

    kind: Literal["average_pooling2d"] = "average_pooling2d"
