"""Early stopping: patience, the best weights, a run that resumes."""

import numpy as np
import pytest

from mnist_core.evaluation.history import State
from mnist_core.training.callbacks.early_stopping import EarlyStopping


@pytest.fixture
def train_epochs(run_epoch):
    """train_epochs(context, 2, [0.5, 0.6]): epochs with these losses; the bias tells their number.

    Returns how many there were.
    """

    def train(context, patience: int, losses: list[float]) -> int:
        callback = EarlyStopping(context, patience)
        for count, val_loss in enumerate(losses, start=1):
            epoch = context.state.epoch
            context.model.network.layers[-1].bias.assign(np.full(10, epoch + 1.0))
            run_epoch(context, val_loss=val_loss)
            callback.on_epoch_end(epoch)
            if context.finished:
                return count
        return len(losses)

    return train


def test_it_ends_after_patience_and_keeps_the_best_weights(make_context, train_epochs):
    context = make_context(epochs=9)
    assert train_epochs(context, 2, [0.9, 0.5, 0.6, 0.5, 0.4]) == 4
    assert context.state.reason == "early stopping"
    assert (context.state.best_epoch, context.state.best_val_loss) == (2, 0.5)
    np.testing.assert_array_equal(context.checkpoint().weights["output/bias"], np.full(10, 2.0))
    np.testing.assert_array_equal(context.checkpoint().last_weights["output/bias"], np.full(10, 4))


def test_a_better_epoch_begins_patience_anew(make_context, train_epochs):
    context = make_context(epochs=9)
    assert train_epochs(context, 2, [0.5, 0.6, 0.4, 0.5, 0.3]) == 5
    assert context.state.best_epoch == 5


def test_patience_begins_anew_with_more_epochs(make_context, train_epochs):
    left = State(9, 0.001, epoch=4, best_epoch=1, best_val_loss=0.1, leg_start=4 * 3)
    assert train_epochs(make_context(left), 2, [0.5, 0.5, 0.5]) == 2


def test_without_validation_it_never_ends(context, run_epoch):
    run_epoch(context)
    EarlyStopping(context, 1).on_epoch_end(0)
    assert not context.best
    assert not context.finished
