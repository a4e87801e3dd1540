"""Dropout."""

from typing import Annotated, Literal

from pydantic import Field

from mnist_core.network.layers.base import Layer


class Dropout(Layer):
    """In training, set each value to 0 with probability `rate` and scale up the others."""

    kind: Literal["dropout"] = "dropout"
    rate: Annotated[float, Field(ge=0, lt=1)] = 0.2
