"""What a spec comes to before it is trained: images, steps, and how long it may take."""

from dataclasses import dataclass
from math import ceil, prod

from mnist_core.spec import Network, Spec
from mnist_core.store import Run
from mnist_core.summary import summarize


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

    Multiply-adds count, and so do the values that the layers hand on, since small layers wait for
    memory: the weight of the two is fitted in `benchmarks/estimate.py`.
    """
    rows = summarize(network).rows
    return sum(row.multiply_adds + VALUE_COST * prod(row.output_shape) for row in rows)


VALUE_COST = 20.0
"""Multiply-adds that cost as much as one value handed from layer to layer."""


@dataclass(frozen=True)
class Speed:
    """Units of `work` a second, as measured on one run."""

    units_per_s: float
    source: str


def measured_speed(spec: Spec, runs: list[Run]) -> Speed | None:
    """What the newest run in the same precision tells of this machine; None without one."""
    for run in runs:
        if run.images_per_s and run.spec.training.precision == spec.training.precision:
            return Speed(run.images_per_s * work(run.spec.network), f"run {run.id}")
    return None


def seconds(spec: Spec, speed: Speed) -> float:
    """An estimate of the training time, in seconds."""
    return work(spec.network) * images_of(spec) * spec.training.epochs / speed.units_per_s
