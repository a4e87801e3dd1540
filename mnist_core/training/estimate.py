"""Images, steps and time of a training before it starts."""

from dataclasses import dataclass
from math import ceil

from mnist_core.evaluation.run import Run
from mnist_core.network.spec import Augmentation, Network, Spec
from mnist_core.network.summary import summarize


@dataclass(frozen=True)
class Steps:
    """Training images, and steps per epoch and in total.

    `last_batch` is the size of the last batch of an epoch, which may be smaller than the others.
    """

    images: int
    per_epoch: int
    total: int
    last_batch: int


def steps(spec: Spec) -> Steps:
    """Return how many steps training takes."""
    images, size = spec.split.training_images, spec.training.batch_size
    per_epoch = ceil(images / size)
    return Steps(
        images, per_epoch, per_epoch * spec.training.epochs, images - (per_epoch - 1) * size
    )


def cost_per_image(network: Network) -> float:
    """Return what training costs per image, in units of which only ratios have a meaning.

    The cost is the multiply-adds, and a constant per layer, on which small networks spend most of
    their time.
    """
    rows = summarize(network).rows
    return sum(row.multiply_adds + LAYER_COST for row in rows)


LAYER_COST = 60_000.0
"""The constant cost of a layer in multiply-adds, in batches of 128.

Fitted in `benchmarks/estimate.py`; estimates are then typically off by a factor of 1.3 to 1.4.
"""


@dataclass(frozen=True)
class Speed:
    """Units of cost per second, measured on one training, and the settings of that training.

    source: where the figure comes from, for people.
    """

    units_per_s: float
    source: str
    precision: str = "float32"
    augments: bool = False


def augments(spec: Spec) -> bool:
    """Whether training augments its images, which takes time that the cost does not count."""
    return spec.training.augmentation != Augmentation()


LONG_ENOUGH_S = 5
"""A shorter run says nothing about the speed: most of it was startup."""


def measured_speed(spec: Spec, runs: list[Run]) -> Speed | None:
    """Return the speed of the newest run of the same network and precision; None without one.

    A run that augments as the spec does is preferred to a newer one that does not. runs: the newest
    first.
    """
    precision, wanted = spec.training.precision, augments(spec)
    measured = [
        run
        for run in runs
        if run.images_per_s
        and run.seconds >= LONG_ENOUGH_S
        and (run.spec.network, run.spec.training.precision) == (spec.network, precision)
    ]
    for run in sorted(measured, key=lambda run: augments(run.spec) != wanted):
        speed = (run.images_per_s or 0) * cost_per_image(run.spec.network)
        return Speed(speed, f"run {run.number}", precision, augments(run.spec))
    return None


def seconds(spec: Spec, speed: Speed) -> float:
    """Return an estimate of the training time in seconds."""
    return (
        cost_per_image(spec.network)
        * spec.split.training_images
        * spec.training.epochs
        / speed.units_per_s
    )


def is_complete(spec: Spec, speed: Speed) -> bool:
    """Whether `seconds` counts everything that takes time, such as augmentation."""
    same = spec.training.precision == speed.precision
    return same and (speed.augments or not augments(spec))
