"""A trained network opened up: what each layer makes of an image. Imports TensorFlow."""

import keras
import numpy as np
import tensorflow as tf

from mnist_core.network.spec import CLASSES, IMAGE_SHAPE, Network
from mnist_core.network.summary import at_once
from mnist_core.training.model import with_weights


class FeatureExtractor:
    """A trained float32 network whose layers can be looked at.

    Pixels are float32 (n, 28, 28, 1) in [0, 1]; images are uint8 (n, 28, 28), ink bright.
    """

    def __init__(self, network: Network, weights: dict[str, np.ndarray]) -> None:
        self.network, self.at_once = network, at_once(network)
        self.model = with_weights(network, weights)
        self.hidden = keras.Model(self.model.inputs[0], self.model.layers[-1].input)
        # Compiled, since they are called for many images: half the time, 0.1 s the first time, and
        # no layer's output stays in memory.
        signature = [tf.TensorSpec((None, *IMAGE_SHAPE), tf.float32)]
        self._hidden = tf.function(self._last_hidden, input_signature=signature)
        self.slopes = tf.function(self._slopes, input_signature=signature)
        """How each logit grows with each pixel: float32 (n, 28, 28, 1) -> (n, 10, 28, 28)."""

    def outputs(self, pixels: tf.Tensor) -> dict[str, tf.Tensor]:
        """What every layer puts out, by its name in `summary`, in inference.

        Called one by one, layers take 5 ms for one image; as one model of many outputs, 20.
        """
        made = {}
        for layer in self.model.layers:
            pixels = made[layer.name] = layer(pixels, training=False)
        return made

    def logits(self, pixels: tf.Tensor) -> tf.Tensor:
        """The ten scores before softmax: float32 (n, 10)."""
        return self.scores(self.hidden(pixels, training=False))

    def scores(self, hidden: tf.Tensor) -> tf.Tensor:
        """The ten scores before softmax, from what goes into the output layer."""
        kernel, bias = self.model.layers[-1].weights
        return tf.matmul(hidden, kernel) + bias

    def features(self, images: np.ndarray) -> np.ndarray:
        """What goes into the output layer: float32 (n, units)."""
        parts = [
            self._hidden(pixels(images[start : start + self.at_once])).numpy()
            for start in range(0, len(images), self.at_once)
        ]
        return np.concatenate(parts)

    def _last_hidden(self, pixels: tf.Tensor) -> tf.Tensor:
        return self.hidden(pixels, training=False)

    def _slopes(self, pixels: tf.Tensor) -> tf.Tensor:
        tens = tf.repeat(pixels, CLASSES, axis=0)  # each image ten times, once for each logit
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(tens)
            own = tf.linalg.diag_part(tf.reshape(self.logits(tens), (-1, CLASSES, CLASSES)))
        return tf.reshape(tape.gradient(own, tens), (-1, CLASSES, *IMAGE_SHAPE[:2]))


def pixels(images: np.ndarray) -> tf.Tensor:
    """uint8 (n, 28, 28) -> float32 (n, 28, 28, 1) in [0, 1]."""
    return tf.constant(images[..., None].astype(np.float32) / 255)
