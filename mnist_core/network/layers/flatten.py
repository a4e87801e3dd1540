"""Flatten."""

from math import prod
from typing import Literal

from mnist_core.network.layers.base import Layer, Shape


class Flatten(Layer):
    """Flatten height, width and channels into one vector."""

    kind: Literal["flatten"] = "flatten"

    def output_shape(self, inputs: Shape) -> Shape:
        return (prod(inputs),)
