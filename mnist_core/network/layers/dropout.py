"""Dropout."""

from typing import Annotated, Literal

from pydantic import Field

from mnist_core.network.layers.base import Layer


class Dropout(Layer):
    """While training, each value is set to 0 with probability `rate`; the rest are scaled up."""

    kind: Literal["dropout"] = "dropout"
    rate: Annotated[float, Field(ge=0, lt=1)] = 0.2
