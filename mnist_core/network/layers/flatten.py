"""Flatten."""

from math import prod
from typing import ClassVar, Literal

from mnist_core.network.layers.base import KerasLayer, Layer, Shape
from mnist_core.network.layers.notation import Notation


class Flatten(Layer):
    """All values in one vector: row by row, pixel by pixel, channel by channel."""

    notation = Notation("F", {}, "F")
    makes_vector = True
    fixed: ClassVar = {"data_format": "channels_last"}

    kind: Literal["flatten"] = "flatten"

    def output_shape(self, inputs: Shape) -> Shape:
        return (prod(inputs),)

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        sides = "*".join(map(str, inputs))
        return (KerasLayer("Flatten", remark=f"({sides} = {prod(inputs):,} values)"),)

    def course_word(self, number: int, outputs: Shape) -> str:
        return f"F{outputs[-1]}"
