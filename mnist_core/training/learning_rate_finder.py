"""The learning-rate range test: one short run whose rate rises until the loss diverges.

Source: Smith 2015, "Cyclical learning rates for training neural networks". Nothing here needs
TensorFlow: `model.Schedule` raises the rate, `callbacks.range_test_stopping` ends the run.
"""

from dataclasses import dataclass
from math import ceil, isfinite
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from mnist_core.evaluation.run import Run
from mnist_core.network.spec import Spec, Split

PEAK = 10.0
"""The learning rate of the last step."""

LEAST_SHARE = 1e-6
"""The first learning rate as a share of the last one."""

STEPS = 400
"""The least number of steps of a test: 67 per factor of ten, so that smoothing blurs little."""

SMOOTHING = 0.9
"""The weight of the mean so far at each step: about the last ten batches count."""

TOO_HIGH = 4.0
"""A smoothed loss of more than this many times its minimum has diverged."""


def is_range_test(spec: Spec) -> bool:
    """Whether a spec is that of a range test."""
    return spec.training.schedule == "range_test"


def range_test(spec: Spec) -> Spec:
    """Return the range test of a spec: its network, its settings, and images that it trains on.

    There are no validation images, since the loss of each batch is what counts.
    """
    size = spec.training.batch_size
    split = Split(
        kind="none",
        limit=max(10, min(spec.split.mnist_images, STEPS * size)),
        digits=spec.split.digits,
        handwriting=spec.split.handwriting,
    )
    training = {
        "schedule": "range_test",
        "learning_rate": PEAK,
        "epochs": ceil(STEPS / ceil(split.training_images / size)),
        "early_stopping": None,
    }
    return Spec(
        network=spec.network,
        training=spec.training.model_copy(update=training),
        split=split,
        transfer=spec.transfer,
    )


def rates(peak: float, steps: int, count: int) -> np.ndarray:
    """Return the learning rates of the first `count` of `steps` steps: (count,) float64."""
    return peak * LEAST_SHARE ** (1 - np.arange(count) / steps)


@dataclass(frozen=True)
class Rise:
    """The smoothed loss after `steps` steps, its minimum, and whether it has diverged.

    `mean` is the exponential mean before the correction for its start at 0.
    """

    steps: int = 0
    mean: float = 0.0
    least: float = float("inf")
    ended: bool = False

    @property
    def smoothed(self) -> float:
        """The exponential mean, corrected for its start at 0."""
        return self.mean / (1 - SMOOTHING**self.steps)

    def after(self, loss: float) -> "Rise":
        """Return the smoothed loss one step later. loss: that of the next batch."""
        mean = SMOOTHING * self.mean + (1 - SMOOTHING) * loss
        now = Rise(self.steps + 1, mean, self.least)
        ended = not isfinite(mean) or now.smoothed > TOO_HIGH * self.least
        return Rise(now.steps, mean, min(self.least, now.smoothed), self.ended or ended)


@dataclass(frozen=True)
class Curve:
    """A range test so far, up to where its loss diverged: three arrays (steps,).

    `ended` says whether it did.
    """

    rates: np.ndarray
    loss: np.ndarray
    smoothed: np.ndarray
    ended: bool


def recorded_curve(run: Run, batch_loss: NDArray[np.float32]) -> Curve:
    """Return the learning rate and the loss, raw and smoothed, of every recorded step.

    batch_loss: (steps,), of the run's batches so far.
    """
    loss = batch_loss.astype(np.float64)
    return smooth(rates(run.spec.training.learning_rate, run.planned * run.steps, len(loss)), loss)


def smooth(rates: np.ndarray, loss: np.ndarray) -> Curve:
    """Return the curve of a test up to where its loss diverged. rates, loss: (steps,)."""
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
    """Learning rates that a curve suggests.

    `steepest` is where the smoothed loss fell fastest, against the logarithm of the rate; `lowest`
    is the rate at its minimum, and `tenth` a tenth of that.
    """

    steepest: float
    tenth: float
    lowest: float


LEARNED = 0.9
"""The smoothed loss has fallen, not just fluctuated, below this share of its first values."""


def suggest(curve: Curve) -> Suggestion | None:
    """Return the learning rates that a curve suggests; None while its loss has not fallen."""
    smoothed, rates = curve.smoothed, curve.rates
    if len(smoothed) < 10 or smoothed.min() > LEARNED * smoothed[:10].min():
        return None
    lowest = int(smoothed.argmin())
    slope = np.gradient(smoothed[: lowest + 1], np.log10(rates[: lowest + 1]))
    steepest = int(slope[5:].argmin()) + 5  # the first few means are of few batches
    return Suggestion(float(rates[steepest]), float(rates[lowest] / 10), float(rates[lowest]))


def recommended(spec: Spec) -> Literal["steepest", "tenth"]:
    """Return the suggestion that was better for the optimizer in `benchmarks/learning_rate.py`."""
    plain = spec.training.optimizer == "sgd" and not spec.training.momentum
    return "steepest" if plain else "tenth"


def with_rate(spec: Spec, learning_rate: float) -> Spec:
    """Return a spec with another learning rate, and never with the schedule of a range test."""
    schedule = "constant" if is_range_test(spec) else spec.training.schedule
    changes = {"learning_rate": learning_rate, "schedule": schedule}
    return spec.model_copy(update={"training": spec.training.model_copy(update=changes)})
