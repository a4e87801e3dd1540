"""The layers that a network may have, one file each; names, settings and defaults are Keras's.

A new layer joins the union `AnyLayer` here, and has its icon and words in `ui.charts.layers`.
"""

from typing import Annotated, get_args

from pydantic import Field

from mnist_core.network.layers.activation import Activation
from mnist_core.network.layers.base import (
    CLASSES,
    IMAGE_SHAPE,
    KerasLayer,
    Layer,
    Penalty,
    Shape,
    Windowed,
)
from mnist_core.network.layers.batch_normalization import BatchNormalization
from mnist_core.network.layers.conv2d import Conv2D
from mnist_core.network.layers.dense import Dense
from mnist_core.network.layers.depthwise_conv2d import DepthwiseConv2D
from mnist_core.network.layers.dropout import Dropout, SpatialDropout2D
from mnist_core.network.layers.flatten import Flatten
from mnist_core.network.layers.global_pooling2d import GlobalAveragePooling2D, GlobalMaxPooling2D
from mnist_core.network.layers.layer_normalization import LayerNormalization
from mnist_core.network.layers.leaky_relu import LeakyReLU, PReLU
from mnist_core.network.layers.pooling2d import AveragePooling2D, MaxPooling2D, Pooling
from mnist_core.network.layers.residual import Residual
from mnist_core.network.layers.separable_conv2d import SeparableConv2D
from mnist_core.network.layers.sliding import Padding
from mnist_core.network.layers.zero_padding2d import ZeroPadding2D

__all__ = [
    "CLASSES",
    "IMAGE_SHAPE",
    "LAYERS",
    "Activation",
    "AnyLayer",
    "AveragePooling2D",
    "BatchNormalization",
    "Conv2D",
    "Dense",
    "DepthwiseConv2D",
    "Dropout",
    "Flatten",
    "GlobalAveragePooling2D",
    "GlobalMaxPooling2D",
    "KerasLayer",
    "Layer",
    "LayerNormalization",
    "LeakyReLU",
    "MaxPooling2D",
    "PReLU",
    "Padding",
    "Penalty",
    "Pooling",
    "Residual",
    "SeparableConv2D",
    "Shape",
    "SpatialDropout2D",
    "Windowed",
    "ZeroPadding2D",
]

AnyLayer = Annotated[
    Conv2D
    | SeparableConv2D
    | DepthwiseConv2D
    | Residual
    | MaxPooling2D
    | AveragePooling2D
    | GlobalAveragePooling2D
    | GlobalMaxPooling2D
    | ZeroPadding2D
    | BatchNormalization
    | LayerNormalization
    | Activation
    | LeakyReLU
    | PReLU
    | Dropout
    | SpatialDropout2D
    | Flatten
    | Dense,
    Field(discriminator="kind"),
]

LAYERS: dict[str, type[AnyLayer]] = {
    layer.__name__: layer for layer in get_args(get_args(AnyLayer)[0])
}
"""All layers by their names in Keras."""
