"""Dropout."""

from typing import Annotated, Literal

from pydantic import Field

from mnist_core.network.layers.base import KerasLayer, Layer, Shape
from mnist_core.network.layers.notation import Notation


class Dropout(Layer):
    """In training, set each value to 0 with probability `rate` and scale up the others."""

    notation = Notation("Drop", {"rate": ""}, "Drop0.2", always="rate")
    keeps_places = True

    kind: Literal["dropout"] = "dropout"
    rate: Annotated[float, Field(ge=0, lt=1)] = 0.2

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        seeds = ("seed",) if self.rate else ()  # without a rate Keras draws none
        return (KerasLayer("Dropout", (self.rate,), seeds=seeds),)
