"""BatchNormalization."""

from typing import Literal

from mnist_core.network.layers.base import Layer


class BatchNormalization(Layer):
    """Normalize each channel to mean 0 and variance 1 over the batch, then scale and shift it."""

    kind: Literal["batch_normalization"] = "batch_normalization"
