"""Training a network: one `fit` over the real images, stoppable and exactly resumable."""

from collections.abc import Callable
from dataclasses import dataclass

import keras
import numpy as np

from mnist_core.dataset import mnist
from mnist_core.dataset.training_set import Digits, training_set
from mnist_core.evaluation.history import Checkpoint, Listener, State
from mnist_core.network.spec import Spec
from mnist_core.network.summary import summarize
from mnist_core.training.callbacks.context import TrainingContext
from mnist_core.training.callbacks.early_stopping import EarlyStopping
from mnist_core.training.callbacks.epoch_report import EpochReport
from mnist_core.training.callbacks.guesses import Guesses
from mnist_core.training.callbacks.metrics import Metrics
from mnist_core.training.callbacks.progress_report import ProgressReport
from mnist_core.training.callbacks.range_test_stopping import RangeTestStopping
from mnist_core.training.callbacks.terminate_on_nan import TerminateOnNaN
from mnist_core.training.callbacks.validation import Validation
from mnist_core.training.learning_rate_finder import is_range_test
from mnist_core.training.train_step import BatchPlan, TrainingModel


@dataclass(frozen=True)
class Outcome:
    """How a training ended; `finished` says whether everything that was planned is done."""

    checkpoint: Checkpoint
    finished: bool


def train(
    spec: Spec,
    listener: Listener,
    checkpoint: Checkpoint | None = None,
    on_guesses: Callable[[np.ndarray], object] | None = None,
    start: dict[str, np.ndarray] | None = None,
    digits: Digits | None = None,
) -> Outcome:
    """Train a network from the start, or from a checkpoint, up to the last planned epoch.

    on_guesses: gets the probabilities for `mnist.showcase()`, float32 (20, 10), now and then.
    start: the weights by name that a transfer starts from, also of one that is resumed. digits: the
    class's handwriting that the split names.
    Raises TrainingError when the loss stops being a number, except in a range test, which ends
    there as finished.
    """
    data = training_set(spec.split, digits)
    if checkpoint:
        state = checkpoint.state
    else:
        state = State(spec.training.epochs, spec.training.learning_rate)
    plan = BatchPlan(spec, data.rows, summarize(spec.network).multiply_adds, state)
    context = TrainingContext(plan, TrainingModel(spec, plan, data, start))
    del data  # TensorFlow has a copy
    if checkpoint:
        context.restore(checkpoint)
    if not context.finished:
        context.model.fit(
            plan.chunks(),
            initial_epoch=state.epoch,
            epochs=state.epochs,
            steps_per_epoch=plan.chunks_per_epoch,
            callbacks=[
                *_callbacks(spec, context, mnist.partition(spec.split), listener),
                *([Guesses(context, on_guesses)] if on_guesses else []),
            ],
            shuffle=False,
            verbose=0,
        )
    return Outcome(context.checkpoint(), context.finished)


def _callbacks(
    spec: Spec, context: TrainingContext, rows: mnist.Partition, listener: Listener
) -> list[keras.callbacks.Callback]:
    """Return the callbacks in the order in which Keras calls them.

    Metrics needs the validation figures to record an epoch; figures are checked for NaN before they
    are reported; the last checkpoint of an epoch says whether the run stopped early.
    """
    patience = spec.training.early_stopping
    return [
        Validation(context, spec.network, rows),
        Metrics(context),
        RangeTestStopping(context) if is_range_test(spec) else TerminateOnNaN(context),
        *([] if patience is None else [EarlyStopping(context, patience)]),
        ProgressReport(context, listener),
        EpochReport(context, listener),
    ]
