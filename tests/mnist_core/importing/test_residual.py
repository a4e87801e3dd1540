"""Residual blocks of plain Keras are read; what only looks like one is refused."""

import keras
import numpy as np
import pytest

from mnist_core.importing import reader
from mnist_core.importing.errors import ImportModelError
from mnist_core.network.notation import write
from tests.mnist_core.importing.keras_files import check_same, saved

L = keras.layers


def block(x, filters: int, strides: int = 1, matched: bool = False, **other):
    """A block as people write it: with biases, ReLU as a layer, the shortcut first."""
    shortcut = x
    if matched:
        shortcut = L.BatchNormalization()(L.Conv2D(filters, 1, strides)(x))
    size = other.get("kernel_size", 3)
    y = L.Conv2D(filters, size, strides, padding="same")(x)
    y = L.ReLU()(L.BatchNormalization()(y))
    y = L.Conv2D(filters, 3, padding="same")(y)
    y = L.Add()([shortcut, L.BatchNormalization(epsilon=1e-5)(y)])
    return L.Activation(other.get("last", "relu"))(y)


def model(*blocks: dict) -> keras.Model:
    """A network of these blocks, with weights and biases that are not Keras's first ones."""
    image = keras.Input((28, 28, 1))
    x = L.Conv2D(3, 5, strides=3, activation="relu")(image)
    for settings in blocks:
        x = block(x, **settings)
    made = keras.Model(image, L.Dense(10, "softmax")(L.GlobalAveragePooling2D()(x)))
    rng = np.random.default_rng(2)
    made.set_weights([rng.uniform(0.1, 0.6, w.shape) for w in made.get_weights()])
    return made


@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_blocks_are_read_and_answer_alike(tmp_path, ending):
    made = model({"filters": 3}, {"filters": 4, "strides": 2, "matched": True})
    spec, _, values = reader.read(saved(made, tmp_path, ending), None)
    assert write(spec.network) == "C3k5s3 Res3 Res4s2 GAP"
    check_same(made, spec, values)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"filters": 3, "kernel_size": 5}, "kernel_size of convolution 1 .* must be 3; received 5"),
        ({"filters": 3, "last": "tanh"}, "it is not followed by relu alone"),
        ({"filters": 3, "matched": True}, "1x1 convolution where it changes the shape"),
    ],
)
def test_what_only_looks_like_one_is_refused(tmp_path, settings, sentence):
    with pytest.raises(ImportModelError, match=sentence):
        reader.read(saved(model(settings), tmp_path, ".keras"), None)
