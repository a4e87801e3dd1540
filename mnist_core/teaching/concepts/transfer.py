"""Learning five digits from few images, with and without the weights of a trained network.

The curves are those of real runs, recorded by `python -m benchmarks.record_transfer`.
"""

import json
from dataclasses import dataclass
from functools import cache
from math import sqrt
from pathlib import Path
from typing import Literal

import numpy as np

from mnist_core.network.notation import parse
from mnist_core.network.presets import find
from mnist_core.network.spec import Spec, Split
from mnist_core.network.summary import summarize

PATH = Path(__file__).parent / "transfer.json"

_TRAINING = find("note-5").training.model_copy(update={"epochs": 5})
_FIVE = Split(kind="none", digits=(0, 1, 2, 3, 4))
NETWORK = find("note-5").network
"""The network that learns 5 to 9."""

SOURCE = Spec(network=parse("C8 M C16 M F D32 Drop0.2"), training=_TRAINING, split=_FIVE)
"""A network with the same convolutions, but half the dense units, trained on the digits 0 to 4.

So its dense layers do not fit, and NETWORK gets a new head.
"""
SOURCE_WITH_HEAD = Spec(network=NETWORK, training=_TRAINING, split=_FIVE)
"""The same with all units, so that NETWORK takes over the head as well."""

FROZEN = ("conv2d_1", "conv2d_2")
IMAGES, EPOCHS, SEEDS = (20, 100, 500), 20, 3
"""The training images of 5 to 9, the epochs of each run, and its seeds, 0 to 2."""

Start = Literal["random", "transfer", "frozen", "head"]


@dataclass(frozen=True, eq=False)
class Curve:
    """Three runs that differ only in their seed.

    accuracy: (seeds, epochs), on the 4,861 test images of the digits 5 to 9.
    """

    images: int
    start: Start
    accuracy: np.ndarray

    @property
    def mean(self) -> np.ndarray:
        """(epochs,): the mean accuracy after each epoch."""
        return self.accuracy.mean(axis=0)

    @property
    def end(self) -> float:
        """The mean accuracy after the last epoch."""
        return float(self.mean[-1])


@cache
def curves() -> dict[tuple[int, Start], Curve]:
    """Return all curves by the number of images and the start."""
    found = json.loads(PATH.read_text(encoding="utf-8"))
    made = (Curve(each["images"], each["start"], np.array(each["accuracy"])) for each in found)
    return {(curve.images, curve.start): curve for curve in made}


def gain(images: int, start: Start) -> tuple[float, float]:
    """Return how much higher a start ends than random weights do, with the standard error.

    The runs of one seed see the same images in the same order, so that their differences count.
    """
    found = curves()
    ends = found[images, start].accuracy[:, -1] - found[images, "random"].accuracy[:, -1]
    return float(ends.mean()), float(ends.std(ddof=1) / sqrt(len(ends)))


def trained_parameters(start: Start) -> int:
    """Return how many parameters training changes."""
    return summarize(NETWORK, FROZEN if start == "frozen" else ()).trainable
