"""A range test ends where its smoothed loss has diverged."""

import numpy as np
import pytest

from mnist_core.training import learning_rate_finder
from mnist_core.training.callbacks.range_test_stopping import RangeTestStopping

LOSSES = [2.3, 2.0, 1.5, 1.2, 1.5, 30.0, 90.0, 200.0, 400.0]


def run_test(context, run_chunk, losses: list[float], per_chunk: int) -> None:
    """Three batches an epoch, so many in a chunk, until the test ends."""
    callback = RangeTestStopping(context)
    for start in range(0, len(losses), per_chunk):
        run_chunk(context, *losses[start : start + per_chunk])
        callback.on_train_batch_end(0)
        if context.state.stopped_early:
            return
        if context.epoch_is_whole:
            context.update(epoch=context.state.epoch + 1, step=0)


@pytest.mark.parametrize("per_chunk", [1, 3])
def test_it_ends_at_the_batch_at_which_the_curve_ends(make_context, run_chunk, per_chunk):
    context = make_context(schedule="range_test", learning_rate=10)
    run_test(context, run_chunk, LOSSES, per_chunk)
    rates = learning_rate_finder.rates(10, 12, 12)
    curve = learning_rate_finder.smooth(rates[: len(LOSSES)], np.array(LOSSES))
    assert curve.ended
    assert context.finished
    assert context.model.stop_training
    assert f"at a learning rate of {curve.rates[-1]:.2g}," in context.state.reason


def test_it_goes_on_while_the_loss_falls(make_context, run_chunk):
    context = make_context(schedule="range_test", learning_rate=10)
    run_test(context, run_chunk, [2.0] * 9, 3)
    assert not context.finished
    assert context.state.least == pytest.approx(2.0)


def test_a_loss_that_is_no_number_is_its_end(make_context, run_chunk):
    context = make_context(schedule="range_test", learning_rate=10)
    run_test(context, run_chunk, [2.0, 2.0, float("nan")], 3)
    assert context.finished
