"""What a spec comes to before it is trained: images, steps, and how long it may take."""

from dataclasses import dataclass
from math import ceil

from mnist_core.evaluation.run import Run
from mnist_core.network.spec import Augmentation, Network, Spec
from mnist_core.network.summary import summarize


@dataclass(frozen=True)
class Steps:
    """Images of the training part, and batches of an epoch and in all."""

    images: int
    an_epoch: int
    in_all: int
    last_batch: int


def images_of(spec: Spec) -> int:
    """Training images after the split, without drawing it."""
    split = spec.split
    if split.kind == "fold":
        return split.images - split.images // split.folds
    return split.boundary


def steps(spec: Spec) -> Steps:
    """Batches that training takes; the last one of an epoch may be smaller."""
    images, size = images_of(spec), spec.training.batch_size
    an_epoch = ceil(images / size)
    return Steps(images, an_epoch, an_epoch * spec.training.epochs, images - (an_epoch - 1) * size)


def work(network: Network) -> float:
    """What one training image costs, in units of its own; only ratios mean anything.

    Multiply-adds count, and so does every layer by itself, since its share of a step that does
    not grow with its size is what small networks spend their time on.
    """
    rows = summarize(network).rows
    return sum(row.multiply_adds + LAYER_COST for row in rows)


LAYER_COST = 60_000.0
"""Multiply-adds that cost as much as a layer by itself, in batches of 128.

Fitted in `benchmarks/estimate.py`; estimates are then typically off by a factor of 1.3 to 1.4.
"""


@dataclass(frozen=True)
class Speed:
    """Units of `work` a second, as measured on one training, and how that one differed."""

    units_per_s: float
    source: str
    precision: str = "float32"
    augments: bool = False


def augments(spec: Spec) -> bool:
    """Whether training changes its images, which takes time that `work` does not count."""
    return spec.training.augmentation != Augmentation()


LONG_ENOUGH_S = 5


def measured_speed(spec: Spec, runs: list[Run]) -> Speed | None:
    """What the newest run of the same network and precision tells of this machine; None without.

    One that augments as the spec does goes before a newer one that does not. A run that was over
    within LONG_ENOUGH_S was mostly start-up, and tells nothing.
    """
    precision, wanted = spec.training.precision, augments(spec)
    told = [
        run
        for run in runs
        if run.images_per_s
        and run.seconds >= LONG_ENOUGH_S
        and (run.spec.network, run.spec.training.precision) == (spec.network, precision)
    ]
    for run in sorted(told, key=lambda run: augments(run.spec) != wanted):
        speed = (run.images_per_s or 0) * work(run.spec.network)
        return Speed(speed, f"run {run.id}", precision, augments(run.spec))
    return None


def seconds(spec: Spec, speed: Speed) -> float:
    """An estimate of the training time, in seconds."""
    return work(spec.network) * images_of(spec) * spec.training.epochs / speed.units_per_s
