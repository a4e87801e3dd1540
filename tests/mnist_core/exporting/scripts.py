"""Scripts that are run, and what they build."""

import keras

from mnist_core.exporting.code import keras_code
from mnist_core.network.spec import Spec


def run(code: str) -> keras.Model:
    """The compiled model of a script, without the data and the training that follow."""
    names: dict = {}
    exec(code.partition("model.summary()")[0], names)
    return names["model"]


def run_all(spec: Spec) -> dict:
    """The names that the whole script leaves."""
    names: dict = {}
    exec(keras_code(spec), names)
    return names


def run_part(code: str, names: dict) -> None:
    """A part of a script, with what the parts before it have left; it leaves its own there."""
    exec(code, names)


def essence(model: keras.Model) -> list[tuple]:
    """Class and settings of every layer, without names and seeds."""
    left_out = ("name", "dtype", "seed", "trainable")
    return [
        (
            type(layer).__name__,
            {
                name: value
                for name, value in layer.get_config().items()
                if name not in left_out and not name.endswith("_initializer")
            },
            tuple(weight.shape for weight in layer.weights),
        )
        for layer in model.layers
    ]
