"""What the callbacks share: the state, the best weights, checkpoints."""

import numpy as np

from mnist_core.evaluation.history import BEST, Checkpoint


def test_a_checkpoint_brings_another_training_to_the_same_place(make_context):
    left, resumed = make_context(seed=1), make_context(seed=2)
    left.best = {f"{BEST}output/bias": np.arange(10, dtype=np.float32)}
    checkpoint = Checkpoint.from_bytes(left.checkpoint().to_bytes())
    resumed.restore(checkpoint)
    found = resumed.checkpoint().arrays
    assert found.keys() == left.checkpoint().arrays.keys()
    for name, array in left.checkpoint().arrays.items():
        np.testing.assert_array_equal(found[name], array, err_msg=name)


def test_a_checkpoint_does_not_change_with_the_training(context):
    checkpoint = context.checkpoint()
    kept = checkpoint.weights["output/bias"].copy()
    context.model.network.layers[-1].bias.assign(np.ones(10))
    np.testing.assert_array_equal(checkpoint.weights["output/bias"], kept)


def test_a_run_that_ended_early_is_finished_and_says_why(context):
    assert not context.finished
    context.end("enough")
    assert context.finished
    assert context.model.stop_training
    assert context.state.reason == "enough"


def test_an_epoch_is_whole_with_its_last_batch(context, run_chunk):
    run_chunk(context, 2.0, 2.0)
    assert not context.epoch_is_whole
    context.update(step=3)
    assert context.epoch_is_whole
    context.end("enough")
    assert not context.epoch_is_whole
