"""Progress: what the listener is told after each chunk, and that it may stop the run."""

from dataclasses import replace

import numpy as np
import pytest

from mnist_core.training.callbacks.progress_report import ProgressReport


def test_the_listener_is_told_the_batches_and_the_means_so_far(context, run_chunk, listener):
    callback = ProgressReport(context, listener)
    context.update(epoch=1)
    for losses in ((3.0,), (2.0,)):
        run_chunk(context, *losses)
        callback.on_train_batch_end(0)
    told = listener.progress[-1]
    assert (told.epoch, told.epochs, told.step, told.steps, told.first_step) == (2, 4, 2, 3, 4)
    assert told.loss == pytest.approx(2.5)
    assert told.accuracy == pytest.approx(0.5)
    np.testing.assert_array_equal(told.batch_loss, np.array([2], np.float32))
    np.testing.assert_array_equal(told.batch_accuracy, np.array([0.5], np.float32))
    assert told.batch_loss.dtype == told.batch_accuracy.dtype == np.float32


def test_the_chunk_that_traces_does_not_count_for_the_speed(context, run_chunk, listener):
    callback = ProgressReport(context, listener)
    speeds = report_chunks(callback, context, run_chunk, [10.0, 0.1, 0.1, *60 * [0.2]])
    assert speeds[0] is None
    assert speeds[1:3] == pytest.approx([200, 200])
    assert 100 < (speeds[3] or 0) < 200
    assert speeds[-1] == pytest.approx(100, rel=0.01)


def test_the_time_left_is_told_once_it_is_known_and_counts_the_ends_of_epochs(
    context, run_chunk, listener
):
    callback = ProgressReport(context, listener)
    report_chunks(callback, context, run_chunk, [9.0, *20 * [0.1]])
    assert listener.progress[-2].eta_s is None  # 1.9 s of training
    told = listener.progress[-1]
    assert told.eta_s == pytest.approx((4 * 50 - 20) / 200)
    callback.epoch_end_s = 0.3  # the validation
    context.update(epoch=2)
    report_chunks(callback, context, run_chunk, [0.1])
    assert listener.progress[-1].eta_s == pytest.approx((2 * 50 - 20) / 200 + 2 * 0.3)


def report_chunks(callback, context, run_chunk, seconds) -> list[float | None]:
    """Train first batches of 20 images that took so long; return the speeds that were told."""
    for each in seconds:
        context.update(step=0)
        run_chunk(context, 2.0)
        context.chunk = replace(context.chunk, seconds=each)
        callback.on_train_batch_end(0)
    return [told.images_per_s for told in callback.listener.progress]


def test_a_listener_that_says_so_stops_the_run(context, run_chunk, listener):
    callback = ProgressReport(context, listener)
    run_chunk(context, 2.0)
    callback.on_train_batch_end(0)
    assert not context.model.stop_training
    listener.go_on = False
    run_chunk(context, 2.0)
    callback.on_train_batch_end(1)
    assert context.model.stop_training
    assert not context.finished


def test_a_chunk_without_batches_is_not_reported(context, run_chunk, listener):
    run_chunk(context)
    ProgressReport(context, listener).on_train_batch_end(0)
    assert listener.progress == []
