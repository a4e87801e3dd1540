"""Flatten."""

from math import prod
from typing import Literal

from mnist_core.network.layers.base import Layer, Shape


class Flatten(Layer):
    """All values in one row."""

    kind: Literal["flatten"] = "flatten"

    def output_shape(self, inputs: Shape) -> Shape:
        return (prod(inputs),)
