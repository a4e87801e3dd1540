"""The learning-rate range test: one short run whose rate rises until the loss runs away.

Source: Smith 2015, "Cyclical learning rates for training neural networks". Nothing here needs
TensorFlow: `build.Schedule` raises the rate, `train` asks `Rise` when to stop.
"""

from dataclasses import dataclass
from math import ceil, isfinite
from typing import Literal

import numpy as np

from mnist_core.network.spec import Spec, Split

PEAK = 10.0
LEAST_SHARE = 1e-6
"""The rate begins at this share of its peak."""

STEPS = 400
"""Steps of a test at least: 67 for each factor of ten, so that smoothing blurs little."""

SMOOTHING = 0.9
"""The share of the mean so far that stays at each step: about the last ten batches count."""

TOO_HIGH = 4.0
"""A smoothed loss of so many times its least has run away."""


def is_range_test(spec: Spec) -> bool:
    """Whether a run is such a test."""
    return spec.training.schedule == "range_test"


def range_test(spec: Spec) -> Spec:
    """The test for a spec: its network and settings, and its training images or enough of them.

    No images validate, since what counts is the loss of each batch.
    """
    size = spec.training.batch_size
    images = max(1000, min(spec.split.boundary, STEPS * size))
    training = {
        "schedule": "range_test",
        "learning_rate": PEAK,
        "epochs": ceil(STEPS / ceil(images / size)),
        "early_stopping": None,
    }
    return Spec(
        network=spec.network,
        training=spec.training.model_copy(update=training),
        split=Split(kind="none", limit=images),
    )


def rates(peak: float, steps: int, count: int) -> np.ndarray:
    """The learning rates of the first `count` of `steps` steps: (count,) float64."""
    return peak * LEAST_SHARE ** (1 - np.arange(count) / steps)


@dataclass(frozen=True)
class Rise:
    """The smoothed loss after so many steps, and whether it has run away.

    `mean` is the exponential mean before its correction for beginning at 0.
    """

    steps: int = 0
    mean: float = 0.0
    least: float = float("inf")
    ended: bool = False

    @property
    def smoothed(self) -> float:
        """The corrected mean."""
        return self.mean / (1 - SMOOTHING**self.steps)

    def after(self, loss: float) -> "Rise":
        """One step later."""
        mean = SMOOTHING * self.mean + (1 - SMOOTHING) * loss
        now = Rise(self.steps + 1, mean, self.least)
        ended = not isfinite(mean) or now.smoothed > TOO_HIGH * self.least
        return Rise(now.steps, mean, min(self.least, now.smoothed), self.ended or ended)


@dataclass(frozen=True)
class Curve:
    """A range test so far, up to where its loss ran away: three arrays (steps,).

    `ended` says whether it did.
    """

    rates: np.ndarray
    loss: np.ndarray
    smoothed: np.ndarray
    ended: bool


def smooth(rates: np.ndarray, loss: np.ndarray) -> Curve:
    """rates, loss: (steps,); what comes after the loss ran away is left out."""
    rise, smoothed = Rise(), []
    for value in loss:
        rise = rise.after(float(value))
        if not isfinite(rise.mean):
            break
        smoothed.append(rise.smoothed)
        if rise.ended:
            break
    count = len(smoothed)
    return Curve(rates[:count], loss[:count], np.array(smoothed), rise.ended)


@dataclass(frozen=True)
class Suggestion:
    """Learning rates that a curve proposes, and where its smoothed loss was least.

    `steepest` is where it fell fastest, against the logarithm of the rate; `tenth` is a tenth of
    `lowest`, the rate at its least.
    """

    steepest: float
    tenth: float
    lowest: float


LEARNED = 0.9
"""Below this share of its first values the smoothed loss has fallen, and not just wavered."""


def suggest(curve: Curve) -> Suggestion | None:
    """What a curve proposes; None while its loss has not fallen."""
    smoothed, rates = curve.smoothed, curve.rates
    if len(smoothed) < 10 or smoothed.min() > LEARNED * smoothed[:10].min():
        return None
    lowest = int(smoothed.argmin())
    slope = np.gradient(smoothed[: lowest + 1], np.log10(rates[: lowest + 1]))
    steepest = int(slope[5:].argmin()) + 5  # the first few means are of few batches
    return Suggestion(float(rates[steepest]), float(rates[lowest] / 10), float(rates[lowest]))


def recommended(spec: Spec) -> Literal["steepest", "tenth"]:
    """Which suggestion did better in `benchmarks/learning_rate.py` with its optimizer."""
    plain = spec.training.optimizer == "sgd" and not spec.training.momentum
    return "steepest" if plain else "tenth"


def with_rate(spec: Spec, learning_rate: float) -> Spec:
    """The spec with this rate; a test's own schedule is for no real training."""
    schedule = "constant" if is_range_test(spec) else spec.training.schedule
    changes = {"learning_rate": learning_rate, "schedule": schedule}
    return spec.model_copy(update={"training": spec.training.model_copy(update=changes)})
