"""Networks in plain Keras, written without the code that is tested."""

import keras
import numpy as np

from mnist_core.network.layers import AnyLayer


def layer_is_on_maps(before: list[keras.Layer]) -> bool:
    """Whether what these layers put out is an image, and no vector."""
    vectors = (keras.layers.Flatten, keras.layers.GlobalAveragePooling2D)
    return not any(isinstance(b, (*vectors, keras.layers.GlobalMaxPooling2D)) for b in before)


def keras_model(layers: list[AnyLayer]) -> keras.Model:
    """Return the same layers in plain Keras. Raises what Keras raises."""
    kinds = keras.layers
    made: list[keras.Layer] = []
    for layer in layers:
        settings = layer.model_dump(exclude={"kind", "l2", "batch_normalization"})
        kind = getattr(kinds, type(layer).__name__)
        if settings.pop("shared", False) and layer_is_on_maps(made):
            settings["shared_axes"] = [1, 2]
        if getattr(layer, "batch_normalization", False):
            activation = kinds.Activation(settings.pop("activation"))
            made += [kind(**settings, use_bias=False), kinds.BatchNormalization(), activation]
        else:
            made.append(kind(**settings))
    # All at once: `add` would build the model anew for every layer.
    model = keras.Sequential([keras.Input((28, 28, 1)), *made, kinds.Dense(10, "softmax")])
    labels = np.zeros(1, np.int32)
    keras.losses.sparse_categorical_crossentropy(labels, np.zeros((1, *model.output_shape[1:])))
    return model
