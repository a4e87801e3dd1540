"""A trained run as a file that other programs read. Imports TensorFlow."""

from pathlib import Path

import absl.logging
import keras

from mnist_core.build import loss, optimizer, trained
from mnist_core.errors import MnistError
from mnist_core.records import weights
from mnist_core.store import Store

ENDINGS = (".weights.h5", ".keras", ".h5")


class ExportError(MnistError):
    """A file that cannot be written."""


def model_of(store: Store, run_id: int) -> keras.Sequential:
    """The trained Keras model of a run, compiled with its optimizer and loss."""
    spec = store.run(run_id).spec
    model, training = trained(spec.network, weights(store, run_id)), spec.training
    model.compile(optimizer(training, training.learning_rate), loss(training), metrics=["accuracy"])
    model.optimizer.build(model.trainable_variables)  # or Keras warns whoever loads the file
    return model


def export(store: Store, run_id: int, path: Path) -> Path:
    """Write a run as .keras, .h5 or .weights.h5, by the file's ending; Keras loads all three.

    Its input is (n, 28, 28, 1) in [0, 1]: pixels divided by 255.
    """
    if not path.name.endswith(ENDINGS):
        raise ExportError(
            f"a file must end in {', '.join(ENDINGS)}; received {path.name!r}: choose one of them"
        )
    model = model_of(store, run_id)
    absl.logging.set_verbosity(absl.logging.ERROR)  # no sermon on .h5 to someone who asked for it
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.name.endswith(".weights.h5"):
            model.save_weights(path)
        else:
            model.save(path)
    except OSError as error:
        raise ExportError(f"{path} cannot be written ({error}): choose another place") from error
    return path
