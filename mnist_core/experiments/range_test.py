"""The recorded learning-rate range test of a run."""

import numpy as np
from numpy.typing import NDArray

from mnist_core.evaluation.run import Run
from mnist_core.training.learning_rate_finder import Curve, rates, smooth


def recorded_curve(run: Run, batch_loss: NDArray[np.float32]) -> Curve:
    """Return the learning rate and the loss, raw and smoothed, of every recorded step.

    batch_loss: (steps,), of the run's batches so far.
    """
    loss = batch_loss.astype(np.float64)
    return smooth(rates(run.spec.training.learning_rate, run.planned * run.steps, len(loss)), loss)
