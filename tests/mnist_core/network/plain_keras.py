"""Networks in plain Keras, written without the code that is tested."""

import keras
import numpy as np

from mnist_core.network.layers import AnyLayer


def keras_model(layers: list[AnyLayer]) -> keras.Model:
    """The same layers in plain Keras, written without our code. Raises what Keras raises."""
    model = keras.Sequential([keras.Input((28, 28, 1))])
    for layer in layers:
        settings = layer.model_dump(exclude={"kind", "l2", "batch_normalization"})
        kind = getattr(keras.layers, type(layer).__name__)
        if getattr(layer, "batch_normalization", False):
            activation = settings.pop("activation")
            model.add(kind(**settings, use_bias=False))
            model.add(keras.layers.BatchNormalization())
            model.add(keras.layers.Activation(activation))
        else:
            model.add(kind(**settings))
    model.add(keras.layers.Dense(10, "softmax"))
    labels = np.zeros(1, np.int32)
    keras.losses.sparse_categorical_crossentropy(labels, np.zeros((1, *model.output_shape[1:])))
    return model
