"""The figures of an epoch are means over its images."""

import numpy as np
import pytest

from mnist_core.training.callbacks.metrics import Metrics


def test_chunks_are_summed_with_the_sizes_of_their_batches(context):
    metrics = Metrics(context)
    whole = {"losses": np.array([3.0, 2.0]), "correct": np.array([1, 2])}
    metrics.on_train_batch_end(0, whole)
    # Keras hands on a single value as a number
    metrics.on_train_batch_end(1, {"losses": 1.0, "correct": 3.0})  # type: ignore[dict-item]
    np.testing.assert_array_equal(context.chunk.images, [10])
    assert (context.state.step, context.state.correct) == (3, 6)
    assert context.state.loss_sum == 3 * 20 + 2 * 20 + 1 * 10
    metrics.on_epoch_end(0, {"val_loss": 0.5, "val_accuracy": 0.75})
    done = context.epoch
    assert (done.epoch, done.loss, done.accuracy) == (1, 110 / 50, 6 / 50)
    assert (done.val_loss, done.val_accuracy) == (0.5, 0.75)
    assert done.seconds > 0
    state = context.state
    assert (state.epoch, state.step, state.loss_sum, state.correct) == (1, 0, 0, 0)


def test_an_epoch_that_was_stopped_within_has_no_figures(context, run_chunk):
    run_chunk(context, 3.0, 2.0)
    Metrics(context).on_epoch_end(0, {})
    assert context.epoch is None
    assert context.state.step == 2


def test_the_figures_of_an_epoch_are_gone_when_the_next_one_begins(context, run_epoch):
    run_epoch(context)
    assert context.epoch.epoch == 1
    Metrics(context).on_epoch_begin(1)
    assert context.epoch is None


def test_a_chunk_without_batches_changes_nothing_but_the_time(context, run_chunk):
    run_chunk(context, 3.0)
    before = context.state
    run_chunk(context)
    assert len(context.chunk.loss) == 0
    assert context.state.seconds > before.seconds
    context.update(seconds=before.seconds)
    assert context.state == before


def test_the_learning_rate_is_that_of_the_last_step(make_context, run_epoch):
    context = make_context(schedule="cosine", learning_rate=0.1)
    context.model.optimizer.iterations.assign(7)
    run_epoch(context)
    assert context.epoch.learning_rate == pytest.approx(0.05)  # step 6 of 12
