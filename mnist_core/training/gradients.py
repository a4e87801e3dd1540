"""The loss of a batch, and its gradient with respect to each weight. Imports TensorFlow."""

import keras
import numpy as np
import tensorflow as tf

from mnist_core.network.layers import CLASSES
from mnist_core.network.spec import Training
from mnist_core.training.model import loss, weight_name


def batch_loss(
    model: keras.Model, training: Training, pixels: tf.Tensor, labels: np.ndarray
) -> tuple[tf.Tensor, tf.Tensor]:
    """Return the probabilities, (n, 10), and the mean loss of a batch, weight penalties included.

    The network is in inference mode: no dropout, moving averages in batch normalization.
    pixels: float32 (n, 28, 28, 1) in [0, 1]; labels: (n,) integers.
    """
    digits = labels.astype(np.int32)
    one_hot = training.loss == "categorical_crossentropy"
    truth = keras.ops.one_hot(digits, CLASSES) if one_hot else digits
    answers = model(pixels, training=False)
    return answers, loss(training)(truth, answers) + sum(model.losses)


def gradients(
    model: keras.Model, training: Training, images: np.ndarray, labels: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the gradient of the loss of a batch, see `batch_loss`, by weight.

    images: uint8 (n, 28, 28), ink bright; labels: (n,) integers.
    """
    pixels = tf.constant(images[..., None].astype(np.float32) / 255)
    with tf.GradientTape() as tape:
        _, value = batch_loss(model, training, pixels, labels)
    variables = model.trainable_variables
    found = tape.gradient(value, [variable.value for variable in variables])
    return {
        weight_name(variable): np.asarray(gradient)
        for variable, gradient in zip(variables, found, strict=True)
    }
