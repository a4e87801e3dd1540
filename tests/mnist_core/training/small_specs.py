"""Specs that are trained in a moment."""

from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training

SMALL = Split(kind="last", count=500, limit=2000)


def spec(notation: str = "C4 M F D16 Drop0.3", split: Split = SMALL, **training) -> Spec:
    settings = {"epochs": 3, "batch_size": 64, "seed": 5} | training
    return Spec(network=parse(notation), training=Training.model_validate(settings), split=split)
