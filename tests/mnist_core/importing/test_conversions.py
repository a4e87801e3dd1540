"""Layers of plain Keras become layers of the app that answer alike."""

import keras
import pytest

from mnist_core.importing import reader
from mnist_core.network.notation import write
from tests.mnist_core.importing.keras_files import check_same, images, saved, trained

L = keras.layers

VARIANTS = {
    "bn-and-average": (
        lambda: [
            L.Conv2D(4, 3, use_bias=False), L.BatchNormalization(), L.Activation("relu"),
            L.AveragePooling2D(2), L.Dropout(0.3),
            L.Conv2D(6, 3, padding="same", strides=2, kernel_regularizer="l2"), L.ReLU(),
            L.BatchNormalization(), L.GlobalAveragePooling2D(), L.Dense(10), L.Softmax(),
        ],
        "C4bn A Drop0.3 C6s2samel2=0.01 BN GAP",
    ),
    "bias-before-bn": (
        lambda: [
            L.Conv2D(4, 5, bias_initializer="ones"), L.BatchNormalization(scale=False),
            L.Activation("elu"), L.MaxPooling2D(3, 2, padding="same"), L.Flatten(),
            L.Dense(8, activation=keras.activations.tanh, use_bias=False), L.BatchNormalization(),
            L.Dense(10, activation="softmax", use_bias=False),
        ],
        "C4k5bnelu M3s2same F D8tanh BN",
    ),
    "leaky": (
        lambda: [
            L.Rescaling(1 / 255), L.Conv2D(3, 3, activation=L.LeakyReLU(0.2)), L.Flatten(),
            L.Flatten(), L.Dense(6), L.LeakyReLU(0.2), L.Dropout(0.5),
            L.Dense(10, activation="softmax"),
        ],
        "C3leaky_relu F D6leaky_relu Drop0.5",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VARIANTS)
def test_variants_of_layers(tmp_path, name):
    layers, notation = VARIANTS[name]
    model = trained(layers())
    for ending in (".keras", ".h5"):
        spec, told, values = reader.read(saved(model, tmp_path, ending), None)
        assert write(spec.network) == notation
        grey = images(100) * 255 if name == "leaky" else None
        assert ("Rescaling layer was left out" in told) is (name == "leaky")
        check_same(model, spec, values, grey)
