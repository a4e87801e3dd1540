"""Scripts that are run, and what they build."""

import re
from pathlib import Path

import keras
import nbformat
import numpy as np

from mnist_core.evaluation.run import Run
from mnist_core.exporting.code import keras_code
from mnist_core.network.spec import Spec
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store


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


def run_notebook(path: Path) -> dict:
    """The names that the cells of a notebook leave, all but those that draw with matplotlib."""
    names: dict = {}
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and not re.search("matplotlib|axes", cell.source):
            run_part(cell.source, names)
    return names


def check_repeated(store: Store, run: Run, names: dict) -> None:
    """What a script has learned is what the run has learned; frozen layers to the last bit."""
    for name in ("loss", "val_loss"):
        expected = [getattr(epoch, name) for epoch in store.epochs(run.id)]
        np.testing.assert_allclose(names["history"].history[name], expected, rtol=1e-3)
    weights, start = artifacts.load_weights(store, run.id), artifacts.load_start(store, run) or {}
    for (name, expected), found in zip(weights.items(), names["model"].get_weights(), strict=True):
        np.testing.assert_allclose(found, expected, atol=2e-3, err_msg=name)
        if name.split("/")[0] in run.spec.frozen:
            np.testing.assert_array_equal(found, start[name])


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
