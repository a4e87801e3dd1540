"""The training settings of a model file: its optimizer and its loss."""

from collections.abc import Mapping
from typing import TypeGuard

import numpy as np

from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Training
from mnist_core.network.value import SpecError
from mnist_core.utils.text import without_markup

_LOSSES = {
    "SparseCategoricalCrossentropy": "sparse_categorical_crossentropy",
    "CategoricalCrossentropy": "categorical_crossentropy",
}


def training(compiled: object) -> tuple[Training, str]:
    """Return training settings, defaults where the file says nothing, and a description of them.

    compiled: the `compile_config` of a .keras file or the `training_config` of an .h5 file; any
    other value counts as unknown. The description continues the sentence "trained elsewhere".
    """
    compiled = _mapping(compiled)
    optimizer = compiled.get("optimizer_config", compiled.get("optimizer"))
    settings = _optimizer(optimizer) | _loss(compiled.get("loss"))
    try:
        made = Training.model_validate(settings)
    except SpecError:
        return Training(), _UNKNOWN
    told = []
    if "optimizer" in settings:
        without = _without(_mapping(optimizer), made.optimizer)
        told += [f"{made.optimizer} at a learning rate of {made.learning_rate:g}{without}"]
    if "loss" in settings:
        logits = _mapping(_mapping(compiled.get("loss")).get("config")).get("from_logits") is True
        words = made.loss.replace("_", " ").replace("cross", "cross-")
        told += [f"{words} (from_logits=True, though softmax comes last)" if logits else words]
    if not told:
        return made, _UNKNOWN
    return made, f" with {' and '.join(told)}; its epochs, images and time are not known"


_SETTINGS = {str(name): kind.settings for name, kind in OPTIMIZERS.items()}
_OTHERS = (
    "clipnorm",
    "global_clipnorm",
    "clipvalue",
    "weight_decay",
    "decay",
    "use_ema",
    "amsgrad",
)
_UNKNOWN = "; its settings, epochs and time are not known"


def _optimizer(optimizer: object) -> dict[str, object]:
    """Return name and numbers of an optimizer; empty if unsupported, or with a schedule."""
    if isinstance(optimizer, str):  # Keras 2 stores the name alone if it was chosen by name
        rate = 0.01 if optimizer.lower() == "sgd" else 0.001
        optimizer = {"class_name": optimizer, "config": {"learning_rate": rate}}
    optimizer = _mapping(optimizer)
    name = str(optimizer.get("class_name")).rpartition(">")[2].lower()  # Keras 2: Custom>Adam
    config = _mapping(optimizer.get("config"))
    rate = config.get("learning_rate", config.get("lr"))
    if name not in _SETTINGS or not _is_number(rate):
        return {}
    made: dict[str, object] = {"optimizer": name, "learning_rate": _short(rate)}
    for setting in _SETTINGS[name]:
        if setting in config:
            value = config[setting]
            made[setting] = value if isinstance(value, bool) else _short(value)
    return made


def _without(optimizer: Mapping[str, object], name: str) -> str:
    """Return a phrase about the settings of the optimizer that the app does not support."""
    config = _mapping(optimizer.get("config"))
    found = [
        without_markup(f"{setting}={config[setting]!r:.20}")
        for setting in _OTHERS
        if config.get(setting) and setting not in _SETTINGS.get(name, ())
    ]
    return f" (and {', '.join(found)}, which the app does not have)" if found else ""


def _loss(loss: object) -> dict[str, object]:
    """Return name and label smoothing of a loss; empty if unsupported."""
    if isinstance(loss, str):
        return {"loss": loss} if loss in _LOSSES.values() else {}
    name = _LOSSES.get(str(_mapping(loss).get("class_name")))
    smoothing = _mapping(_mapping(loss).get("config")).get("label_smoothing", 0.0)
    return {"loss": name, "label_smoothing": smoothing} if name else {}


def _mapping(value: object) -> Mapping[str, object]:
    """Return a value if it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


def _short(value: object) -> float:
    """Return a float32 in its shortest form, 0.001 and not 0.0010000000474974513; else 0."""
    return float(str(np.float32(value))) if _is_number(value) else 0.0


def _is_number(value: object) -> TypeGuard[float]:
    """Whether a value is a number that fits into a float32; booleans are not numbers."""
    return isinstance(value, int | float) and type(value) is not bool and abs(value) < 1e38
