"""Training: repeated against the first time, and resumed against uninterrupted."""

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Checkpoint, TrainingError
from mnist_core.network.presets import find
from mnist_core.network.spec import Augmentation, Split
from mnist_core.training.trainer import train
from tests.mnist_core.training.recorder import Recorder
from tests.mnist_core.training.small_specs import spec


def assert_same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> None:
    assert left.keys() == right.keys()
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)


@pytest.mark.slow
def test_an_epoch_of_note_1_gives_the_same_weights_twice():
    chosen = find("note-1")
    training = chosen.training.model_copy(update={"epochs": 1})
    chosen = chosen.model_copy(
        update={"training": training, "split": Split(limit=8_000, count=1_000)}
    )
    one, two = train(chosen, Recorder()), train(chosen, Recorder())
    assert_same(one.checkpoint.weights, two.checkpoint.weights)


def test_the_same_spec_gives_the_same_weights_and_another_seed_others():
    one, two = train(spec(), Recorder()), train(spec(), Recorder())
    assert_same(one.checkpoint.weights, two.checkpoint.weights)
    other = train(spec(seed=6), Recorder())
    assert any(
        (one.checkpoint.weights[name] != other.checkpoint.weights[name]).any()
        for name in one.checkpoint.weights
    )


RECIPES = {
    "dropout": {},
    "adamw cosine": {"optimizer": "adamw", "schedule": "cosine"},
    "augmented": {"augmentation": Augmentation(shift=2, rotation=10, zoom=0.1)},
    "early stopping": {"early_stopping": 2, "learning_rate": 0.01},
    "rmsprop": {"optimizer": "rmsprop"},
    "nadam bfloat16": {"optimizer": "nadam", "precision": "mixed_bfloat16"},
    "momentum": {"optimizer": "sgd", "momentum": 0.9, "schedule": "one_cycle"},
}


@pytest.mark.slow
@pytest.mark.parametrize("recipe", RECIPES)
def test_a_run_resumed_after_any_stop_is_the_uninterrupted_one(recipe, monkeypatch):
    five_chunks_an_epoch = 6e7
    monkeypatch.setattr("mnist_core.training.train_step.CHUNK_MULTIPLY_ADDS", five_chunks_an_epoch)
    chosen = spec("C4bn M F D16 Drop0.3", **RECIPES[recipe])
    whole = Recorder()
    expected = train(chosen, whole)
    assert expected.finished
    early, late = 2, len(whole.progress) // 2
    stop = early if list(RECIPES).index(recipe) % 2 else late  # each takes two more trainings
    first = Recorder(stop)
    left = train(chosen, first)
    assert not left.finished
    second = Recorder()
    checkpoint = Checkpoint.from_bytes(left.checkpoint.to_bytes())
    resumed = train(chosen, second, checkpoint)
    assert resumed.finished
    assert_same(resumed.checkpoint.weights, expected.checkpoint.weights)
    assert first.curve + second.curve == whole.curve
    batches = np.concatenate([first.batch_loss, second.batch_loss])
    np.testing.assert_array_equal(batches, whole.batch_loss)


def test_resuming_from_an_epochs_checkpoint_after_a_kill():
    whole = Recorder()
    expected = train(spec(), whole)
    resumed = train(spec(), Recorder(), whole.checkpoints[0])
    assert_same(resumed.checkpoint.weights, expected.checkpoint.weights)


def test_a_finished_run_goes_on_for_more_epochs_on_a_new_leg():
    chosen = spec(schedule="cosine", epochs=2)
    first = train(chosen, Recorder())
    state = first.checkpoint.state.further(2, steps=24)
    recorder = Recorder()
    outcome = train(chosen, recorder, Checkpoint(state, first.checkpoint.arrays))
    assert [epoch.epoch for epoch in recorder.epochs] == [3, 4]
    assert recorder.epochs[0].learning_rate == pytest.approx(0.0005, rel=0.1)
    assert recorder.epochs[1].learning_rate < 1e-5
    assert outcome.finished


def test_the_learning_rate_changes_while_it_runs_and_stays_changed_after_a_resume():
    recorder = Recorder(rates={1: 0.02})
    train(spec(), recorder)
    assert [e.learning_rate for e in recorder.epochs] == pytest.approx([0.001, 0.02, 0.02])
    assert recorder.checkpoints[1].state.learning_rate == 0.02


def test_early_stopping_goes_back_to_the_best_epoch():
    recorder = Recorder()
    outcome = train(spec("F D64", epochs=40, early_stopping=2, learning_rate=0.03), recorder)
    losses = [epoch.val_loss or 0.0 for epoch in recorder.epochs]
    best = int(np.argmin(losses))
    assert len(losses) == best + 3 < 40
    arrays = recorder.checkpoints[best].arrays
    kernel = outcome.checkpoint.weights["dense_1/kernel"]
    np.testing.assert_array_equal(kernel, arrays["weights/dense_1/kernel"])


def test_patience_begins_anew_with_more_epochs():
    chosen = spec("F D64", epochs=40, early_stopping=2, learning_rate=0.03)
    first = Recorder()
    state = train(chosen, first).checkpoint.state.further(10, steps=24)
    recorder = Recorder()
    train(chosen, recorder, Checkpoint(state, first.checkpoints[-1].arrays))
    assert len(recorder.epochs) >= 2


def test_a_loss_that_is_not_a_number_ends_with_a_diagnosis():
    recorder = Recorder()
    diverging = spec("C4linear F D16linear", optimizer="sgd", learning_rate=10, momentum=0.9)
    with pytest.raises(
        TrainingError, match=r"epoch 1, after batch \d+.*learning rate was 10; try 1"
    ):
        train(diverging, recorder)


def test_validating_on_the_test_set_reads_the_test_set():
    recorder = Recorder()
    chosen = spec("F", split=Split(kind="test", limit=2000), epochs=1)
    outcome = train(chosen, recorder)
    kernel, bias = (
        outcome.checkpoint.weights["output/kernel"],
        outcome.checkpoint.weights["output/bias"],
    )
    data = mnist.load()
    logits = data.x_test.reshape(-1, 784) / 255 @ kernel + bias
    accuracy = (logits.argmax(axis=1) == data.y_test).mean()
    assert recorder.epochs[0].val_accuracy == pytest.approx(accuracy, abs=2e-4)


def test_mixed_bfloat16_keeps_float32_weights_and_learns():
    recorder = Recorder()
    outcome = train(spec(precision="mixed_bfloat16", epochs=4, learning_rate=0.005), recorder)
    assert {str(array.dtype) for array in outcome.checkpoint.weights.values()} == {"float32"}
    last = recorder.epochs[-1].val_accuracy
    assert last is not None
    assert last > 0.75
