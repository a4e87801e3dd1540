"""MaxPooling2D and AveragePooling2D."""

from typing import Annotated, Literal

from pydantic import Field

from mnist_core.network.layers.base import Shape, Windowed


class Pooling(Windowed):
    """The base of both poolings; `strides` None means `pool_size`, as in Keras."""

    pool_size: Annotated[int, Field(ge=1, le=28)] = 2
    strides: Annotated[int, Field(ge=1, le=28)] | None = None

    @property
    def step(self) -> int:
        """The stride in pixels."""
        return self.strides or self.pool_size

    def output_shape(self, inputs: Shape) -> Shape:
        return *self._slide(inputs, self.pool_size, self.step, "pooling"), inputs[-1]


class MaxPooling2D(Pooling):
    """The largest value of each window."""

    kind: Literal["max_pooling2d"] = "max_pooling2d"


class AveragePooling2D(Pooling):
    """The mean of each window."""

    kind: Literal["average_pooling2d"] = "average_pooling2d"
