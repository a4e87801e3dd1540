"""Networks in plain Keras, written without the code that is tested."""

import keras
import numpy as np

from mnist_core.network.layers import AnyLayer, Residual


def plain(layer: AnyLayer, values: keras.KerasTensor) -> keras.KerasTensor:
    """Return what the same layer in plain Keras makes of values. Raises what Keras raises."""
    kinds = keras.layers
    if isinstance(layer, Residual):
        return residual(layer, values)
    settings = layer.model_dump(exclude={"kind", "l2", "batch_normalization"})
    kind = getattr(kinds, type(layer).__name__)
    if settings.pop("shared", False) and len(values.shape) == 4:
        settings["shared_axes"] = [1, 2]
    if not getattr(layer, "batch_normalization", False):
        return kind(**settings)(values)
    activation = settings.pop("activation")
    normalized = kinds.BatchNormalization()(kind(**settings, use_bias=False)(values))
    return kinds.Activation(activation)(normalized)


def residual(layer: Residual, values: keras.KerasTensor) -> keras.KerasTensor:
    """A block of ResNet: He et al. 2015, figure 2, with option B for the shortcut."""

    def normalized(inputs: keras.KerasTensor, size: int, strides: int) -> keras.KerasTensor:
        convolution = keras.layers.Conv2D(
            layer.filters, size, strides, padding="same", use_bias=False
        )
        return keras.layers.BatchNormalization()(convolution(inputs))

    activation = keras.layers.Activation
    inner = activation("relu")(normalized(values, 3, layer.strides))
    changed = normalized(inner, 3, 1)
    same = layer.strides == 1 and values.shape[-1] == layer.filters
    shortcut = values if same else normalized(values, 1, layer.strides)
    return activation("relu")(keras.layers.Add()([changed, shortcut]))


def layers_of(model: keras.Model) -> list[keras.Layer]:
    """Return the layers of a model without its input."""
    return [layer for layer in model.layers if not isinstance(layer, keras.layers.InputLayer)]


def keras_model(layers: list[AnyLayer]) -> keras.Model:
    """Return the same layers in plain Keras. Raises what Keras raises."""
    image = values = keras.Input((28, 28, 1))
    for layer in layers:
        values = plain(layer, values)
    model = keras.Model(image, keras.layers.Dense(10, "softmax")(values))
    labels = np.zeros(1, np.int32)
    keras.losses.sparse_categorical_crossentropy(labels, np.zeros((1, *model.output_shape[1:])))
    return model
