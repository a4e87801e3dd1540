"""Model files of a trained run: Keras, TensorFlow, TensorFlow Lite, ONNX. Imports TensorFlow."""

import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import absl.logging
import keras
import numpy as np

from mnist_core.exporting.formats import TENSORBOARD
from mnist_core.exporting.tensorboard import write_events
from mnist_core.network.layers import IMAGE_SHAPE
from mnist_core.storage.artifacts import load_weights
from mnist_core.storage.runs import Store
from mnist_core.training.model import with_weights


def model_of(store: Store, run_id: int) -> keras.Model:
    """Return the trained Keras model of a run, not compiled.

    An optimizer would triple the size of files, without its state in the run.
    """
    return with_weights(store.run(run_id).spec.network, load_weights(store, run_id))


def _saved_model(model: keras.Model, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        model.export(Path(folder) / "model", format="tf_saved_model", verbose=False)
        _zip(Path(folder), path)


def _tensorboard(store: Store, run_id: int, path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        write_events(store, run_id, Path(folder))
        _zip(Path(folder), path)


def _zip(folder: Path, path: Path) -> None:
    shutil.make_archive(str(path.with_suffix("")), "zip", folder)


def _onnx(model: keras.Model, path: Path) -> None:
    """Write and check an ONNX file, since tf2onnx also writes what it could not convert."""
    import onnx

    model(np.zeros((1, *IMAGE_SHAPE), np.float32))  # Keras requires a model that was called
    model.export(str(path), format="onnx", verbose=False)
    onnx.checker.check_model(str(path))


MODELS: dict[str, Callable[[keras.Model, Path], object]] = {
    ".keras": lambda model, path: model.save(path),
    ".h5": lambda model, path: model.save(path),
    ".weights.h5": lambda model, path: model.save_weights(path),
    ".savedmodel.zip": _saved_model,
    ".tflite": lambda model, path: model.export(str(path), format="litert", verbose=False),
    ".onnx": _onnx,
}


def write(store: Store, run_id: int, ending: str, path: Path) -> None:
    """Write a model file or TensorBoard events. Raises whatever the converter raises."""
    absl.logging.set_verbosity(absl.logging.ERROR)  # no warning that .h5 is a legacy format
    with warnings.catch_warnings(action="ignore"):  # converters use deprecated names of NumPy
        if ending == TENSORBOARD:
            _tensorboard(store, run_id, path)
        else:
            MODELS[ending](model_of(store, run_id), path)
