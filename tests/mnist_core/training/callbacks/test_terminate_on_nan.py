"""A loss that is no number ends the run, and the message says where."""

import numpy as np
import pytest

from mnist_core.evaluation.history import TrainingError
from mnist_core.training.callbacks.terminate_on_nan import TerminateOnNaN


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_batch_without_a_finite_loss_ends_the_run(make_context, run_chunk, bad):
    context = make_context(learning_rate=2)
    run_chunk(context, 3.0)
    TerminateOnNaN(context).on_train_batch_end(0)
    run_chunk(context, 2.0, bad)
    with pytest.raises(TrainingError, match=r"in epoch 1, after batch 2:.*was 2; try 0\.2"):
        TerminateOnNaN(context).on_train_batch_end(1)


def test_weights_that_a_last_batch_spoiled_end_the_run(context, run_epoch):
    callback = TerminateOnNaN(context)
    run_epoch(context)
    callback.on_epoch_end(0)
    context.model.network.layers[-1].bias.assign(np.full(10, np.nan))
    run_epoch(context)
    with pytest.raises(TrainingError, match="in epoch 2, after batch 3:"):
        callback.on_epoch_end(1)


def test_a_validation_loss_that_is_no_number_ends_the_run(context, run_epoch):
    run_epoch(context, val_loss=float("nan"))
    with pytest.raises(TrainingError, match="in epoch 1, after batch 3:"):
        TerminateOnNaN(context).on_epoch_end(0)
