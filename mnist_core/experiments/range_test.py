"""The learning-rate range test of a run, read from the store."""

import numpy as np

from mnist_core.evaluation.run import Run
from mnist_core.storage.runs import Store
from mnist_core.training.learning_rate_finder import Curve, rates, smooth


def recorded_curve(store: Store, run: Run) -> Curve:
    """The learning rate and the loss, raw and smoothed, of every step that was recorded."""
    loss = store.batches(run.id)[0].astype(np.float64)
    return smooth(rates(run.spec.training.learning_rate, run.planned * run.steps, len(loss)), loss)
