"""Every whole epoch reaches the listener with a checkpoint; the listener may change the rate."""

import pytest

from mnist_core.training.callbacks.epoch_report import EpochReport


def test_a_whole_epoch_is_handed_over_with_its_checkpoint(context, run_epoch, listener):
    run_epoch(context, val_loss=0.5)
    EpochReport(context, listener).on_epoch_end(0)
    [(epoch, checkpoint)] = listener.epochs
    assert epoch == context.epoch
    assert checkpoint.state == context.state
    assert "output/kernel" in checkpoint.weights


def test_an_epoch_that_is_not_whole_is_not(context, run_chunk, listener):
    run_chunk(context, 2.0)
    EpochReport(context, listener).on_epoch_end(0)
    assert listener.epochs == []


def test_a_learning_rate_that_the_listener_returns_is_the_peak_from_here_on(
    context, run_epoch, listener
):
    listener.rate = 0.25
    run_epoch(context)
    EpochReport(context, listener).on_epoch_end(0)
    assert context.state.learning_rate == 0.25
    assert context.model.last_learning_rate == pytest.approx(0.25)
