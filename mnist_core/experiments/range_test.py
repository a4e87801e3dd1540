"""The recorded learning-rate range test of a run."""

import numpy as np

from mnist_core.evaluation.run import Run
from mnist_core.storage.runs import Store
from mnist_core.training.learning_rate_finder import Curve, rates, smooth


def recorded_curve(store: Store, run: Run) -> Curve:
    """Return the learning rate and the loss, raw and smoothed, of every recorded step."""
    loss = store.batches(run.id)[0].astype(np.float64)
    return smooth(rates(run.spec.training.learning_rate, run.planned * run.steps, len(loss)), loss)
