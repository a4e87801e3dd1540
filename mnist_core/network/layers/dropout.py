"""Dropout and SpatialDropout2D."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mnist_core.network.layers.base import KerasLayer, Layer, Shape, need_image
from mnist_core.network.layers.notation import Notation


class _Dropout(Layer):
    """The base of both dropouts, which scale up the values that stay."""

    keeps_places = True
    only_in_training = True

    rate: Annotated[float, Field(ge=0, lt=1)] = 0.2

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        seeds = ("seed",) if self.rate else ()  # without a rate Keras draws none
        return (KerasLayer(type(self).__name__, (self.rate,), seeds=seeds),)


class Dropout(_Dropout):
    """In training, set each value to 0 with probability `rate` and scale up the others."""

    notation = Notation("Drop", {"rate": ""}, "Drop0.2", always="rate")

    kind: Literal["dropout"] = "dropout"


class SpatialDropout2D(_Dropout):
    """In training, set each whole map to 0 with probability `rate` and scale up the others."""

    notation = Notation("SDrop", {"rate": ""}, "SDrop0.2", always="rate")
    needs_image = True
    fixed: ClassVar = {"data_format": "channels_last"}

    kind: Literal["spatial_dropout2d"] = "spatial_dropout2d"

    def output_shape(self, inputs: Shape) -> Shape:
        need_image(inputs, "SpatialDropout2D")
        return inputs
