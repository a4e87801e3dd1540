"""What plain Keras writes, made for the tests of what reads it."""

import tempfile
from functools import cache
from pathlib import Path

import keras
import numpy as np

from mnist_core.dataset import mnist
from mnist_core.training.predictor import Predictor
from tests.mnist_core.importing.bad_models import Good

L = keras.layers


def images(count: int) -> np.ndarray:
    return mnist.load().x_test[:count, ..., None].astype("float32") / 255


def trained(layers: list, loss: object = "sparse_categorical_crossentropy", **settings):
    """A model of plain Keras after a few steps, so that no weight is what it began as."""
    keras.utils.set_random_seed(5)
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    usual = {"optimizer": "rmsprop", "loss": loss, "metrics": ["accuracy"], "run_eagerly": True}
    model.compile(**(usual | settings))  # a graph takes longer to make than these steps
    labels = mnist.load().y_test[:256]
    labels = (
        keras.utils.to_categorical(labels, 10) if loss == "categorical_crossentropy" else labels
    )
    model.fit(images(256), labels, batch_size=128, verbose=0)
    return model


def saved(model, folder: Path, ending: str) -> bytes:
    path = folder / f"model{ending}"
    if ending == ".weights.h5":
        model.save_weights(path)
    else:
        model.save(path)
    return path.read_bytes()


@cache
def good_model() -> Good:
    """A small network, C2 M F D4, after some training."""
    head = [L.Conv2D(2, 3, activation="relu"), L.MaxPooling2D(2), L.Flatten()]
    model = trained([*head, L.Dense(4, activation="relu"), L.Dense(10, activation="softmax")])
    with tempfile.TemporaryDirectory() as folder:
        return Good(*(saved(model, Path(folder), end) for end in (".keras", ".h5", ".weights.h5")))


def check_same(model, spec, values, inputs=None) -> None:
    """Our network says what Keras's says; two float32 programs may differ in the last digits."""
    ours = Predictor(spec.network, values).probabilities(mnist.load().x_test[:100])
    theirs = model.predict(images(100) if inputs is None else inputs, verbose=0)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
