"""Ten probabilities per image, through one compiled function per model. Imports TensorFlow."""

import numpy as np
import tensorflow as tf

from mnist_core.dataset.mnist import SIDE
from mnist_core.network.spec import Network
from mnist_core.network.summary import prediction_batch_size
from mnist_core.training.model import assign, with_weights


class Predictor:
    """A trained network, ready for images; the first call compiles it."""

    def __init__(self, network: Network, weights: dict[str, np.ndarray]) -> None:
        self.model, self._at_once = with_weights(network, weights), prediction_batch_size(network)
        signature = [tf.TensorSpec((None, SIDE, SIDE), tf.uint8)]
        traced = tf.function(self._forward, input_signature=signature)
        self._function = traced.get_concrete_function()  # or TensorFlow warns of many traces

    def assign(self, weights: dict[str, np.ndarray]) -> None:
        """Give the network other weights, without compiling it again."""
        assign(self.model, weights)

    def _forward(self, images: tf.Tensor) -> tf.Tensor:
        pixels = tf.expand_dims(tf.cast(images, tf.float32) / 255.0, -1)
        return self.model(pixels, training=False)

    def probabilities(self, images: np.ndarray) -> np.ndarray:
        """Return float32 (n, 10), rows sum to 1. images: uint8 (n, 28, 28), ink bright."""
        parts = [
            self._function(tf.constant(images[start : start + self._at_once])).numpy()
            for start in range(0, len(images), self._at_once)
        ]
        return np.concatenate([np.zeros((0, 10), np.float32), *parts])
