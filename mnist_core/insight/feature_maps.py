"""The outputs of every layer of a trained network. Imports TensorFlow."""

import keras
import numpy as np
import tensorflow as tf

from mnist_core.network.layers import CLASSES, IMAGE_SHAPE
from mnist_core.network.spec import Network
from mnist_core.network.summary import Row, connect, prediction_batch_size, summarize
from mnist_core.training.model import with_weights


class FeatureExtractor:
    """A trained float32 network that gives access to its layers' outputs and to gradients.

    `pixels` are float32 (n, 28, 28, 1) in [0, 1]; `images` are uint8 (n, 28, 28), ink bright.
    """

    def __init__(self, network: Network, weights: dict[str, np.ndarray]) -> None:
        self.network, self.at_once = network, prediction_batch_size(network)
        self.model = with_weights(network, weights)
        self._rows = summarize(network).rows
        self._layers = {layer.name: layer for layer in self.model.layers}
        self.hidden = keras.Model(self.model.inputs[0], self.model.layers[-1].input)
        # Compiled, since both are called for many images: that halves the time, after 0.1 s for
        # the first call, and keeps no layer's output in memory.
        signature = [tf.TensorSpec((None, *IMAGE_SHAPE), tf.float32)]
        self._hidden = tf.function(self._last_hidden, input_signature=signature)
        self.slopes = tf.function(self._slopes, input_signature=signature)
        """Return the gradient of each logit by each pixel: (n, 28, 28, 1) -> (n, 10, 28, 28)."""
        self.unit_slope = tf.function(self._unit_slope)
        """Return the activation of a unit and its gradient by each pixel of (1, 28, 28, 1).

        Takes the pixels, the name of a layer, and the index of the unit in the layer's output, an
        int32 tensor.
        """

    def outputs(self, pixels: tf.Tensor) -> dict[str, tf.Tensor]:
        """Return every layer's output in inference, by the layer's name in `network.summary`.

        Calling the layers one by one takes 5 ms for one image; a model with many outputs takes 20.
        """
        made: dict[str, tf.Tensor] = {}

        def call(row: Row, inputs: tf.Tensor | tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
            made[row.name] = self._layers[row.name](inputs, training=False)
            return made[row.name]

        connect(self._rows, pixels, call)
        return made

    def logits(self, pixels: tf.Tensor) -> tf.Tensor:
        """Return the ten scores before softmax: float32 (n, 10)."""
        return self.scores(self.hidden(pixels, training=False))

    def scores(self, hidden: tf.Tensor) -> tf.Tensor:
        """Return the ten scores before softmax from the input of the output layer, (n, units)."""
        kernel, bias = self.model.layers[-1].weights
        return tf.matmul(hidden, kernel) + bias

    def features(self, images: np.ndarray) -> np.ndarray:
        """Return the last hidden layer's output, which is the output layer's input: (n, units)."""
        parts = [
            self._hidden(pixels(images[start : start + self.at_once])).numpy()
            for start in range(0, len(images), self.at_once)
        ]
        return np.concatenate(parts)

    def _last_hidden(self, pixels: tf.Tensor) -> tf.Tensor:
        return self.hidden(pixels, training=False)

    def _slopes(self, pixels: tf.Tensor) -> tf.Tensor:
        tens = tf.repeat(pixels, CLASSES, axis=0)  # each image ten times, once per logit
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(tens)
            own = tf.linalg.diag_part(tf.reshape(self.logits(tens), (-1, CLASSES, CLASSES)))
        return tf.reshape(tape.gradient(own, tens), (-1, CLASSES, *IMAGE_SHAPE[:2]))

    def _unit_slope(
        self, pixels: tf.Tensor, layer: str, unit: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(pixels)
            activation = tf.gather_nd(self.outputs(pixels)[layer][0], unit[None])[0]
        return activation, tf.convert_to_tensor(tape.gradient(activation, pixels))


def pixels(images: np.ndarray) -> tf.Tensor:
    """Convert images to the network's input: uint8 (n, 28, 28) -> float32 (n, 28, 28, 1)."""
    return tf.constant(images[..., None].astype(np.float32) / 255)
