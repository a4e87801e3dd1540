"""Specs that are trained in a moment."""

from mnist_core.network.notation import parse
from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Spec, Split, Training

SMALL = Split(kind="last", count=500, limit=2000)


def spec(notation: str = "C4 M F D16 Drop0.3", split: Split = SMALL, **training) -> Spec:
    settings = {"epochs": 3, "batch_size": 64, "seed": 5} | training
    return Spec(network=parse(notation), training=Training.model_validate(settings), split=split)


OTHER = {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01, "beta_1": 0.8, "beta_2": 0.95}
"""A value for each setting that only some optimizers have, other than the default."""


def changed(name: str) -> Training:
    """A training with this optimizer and other values for all settings of its own."""
    own = {setting: OTHER[setting] for setting in OPTIMIZERS[name].settings}
    return Training.model_validate({"optimizer": name, "learning_rate": 0.01} | own)
