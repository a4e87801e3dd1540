"""The Keras layer Activation."""

from mnist_core.network.activations import Activation
from mnist_core.network.layers.base import KerasLayer


def activation_layer(activation: Activation) -> KerasLayer:
    """Return Keras's layer for an activation of its own."""
    return KerasLayer("Activation", (activation,), activation=activation)
