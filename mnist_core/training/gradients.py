"""The gradient of the loss with respect to each weight. Imports TensorFlow."""

import keras
import numpy as np
import tensorflow as tf

from mnist_core.network.layers import CLASSES
from mnist_core.network.spec import Training
from mnist_core.training.model import loss, weight_name


def gradients(
    model: keras.Model, training: Training, images: np.ndarray, labels: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the gradient of the mean loss of a batch, weight penalties included, by weight.

    The network is in inference: without dropout, with the moving averages of batch normalization.
    images: uint8 (n, 28, 28), ink bright; labels: (n,) integers.
    """
    pixels = tf.constant(images[..., None].astype(np.float32) / 255)
    digits = labels.astype(np.int32)
    one_hot = training.loss == "categorical_crossentropy"
    truth = keras.ops.one_hot(digits, CLASSES) if one_hot else digits
    with tf.GradientTape() as tape:
        value = loss(training)(truth, model(pixels, training=False)) + sum(model.losses)
    variables = model.trainable_variables
    found = tape.gradient(value, [variable.value for variable in variables])
    return {
        weight_name(variable): np.asarray(gradient)
        for variable, gradient in zip(variables, found, strict=True)
    }
