"""Batch normalization."""

from typing import Literal

from mnist_core.network.layers.base import Layer


class BatchNormalization(Layer):
    """Each channel brought to mean 0 and variance 1 over the batch, then scaled and shifted."""

    kind: Literal["batch_normalization"] = "batch_normalization"
