"""The layers that a network may have, one file each; names, settings and defaults are Keras's.

A new layer joins the union `AnyLayer`; `notation` gives it a short form and `summary` its cost.
"""

from typing import Annotated

from pydantic import Field

from mnist_core.network.layers.base import Activation, Layer, Padding, Shape, Windowed
from mnist_core.network.layers.batch_normalization import BatchNormalization
from mnist_core.network.layers.conv2d import Conv2D
from mnist_core.network.layers.dense import Dense
from mnist_core.network.layers.dropout import Dropout
from mnist_core.network.layers.flatten import Flatten
from mnist_core.network.layers.global_average_pooling2d import GlobalAveragePooling2D
from mnist_core.network.layers.pooling2d import AveragePooling2D, MaxPooling2D, Pooling

__all__ = [
    "Activation",
    "AnyLayer",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Dense",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "Layer",
    "MaxPooling2D",
    "Padding",
    "Pooling",
    "Shape",
    "Windowed",
]

AnyLayer = Annotated[
    Conv2D
    | MaxPooling2D
    | AveragePooling2D
    | GlobalAveragePooling2D
    | BatchNormalization
    | Dropout
    | Flatten
    | Dense,
    Field(discriminator="kind"),
]
