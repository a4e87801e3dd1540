"""Training: against plain Keras on the same batches, and resumed against uninterrupted."""

import keras
import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Checkpoint, TrainingError
from mnist_core.network.notation import parse
from mnist_core.network.presets import find
from mnist_core.network.spec import Augmentation, Spec, Split, Training
from mnist_core.training.model import build
from mnist_core.training.trainer import train
from tests.mnist_core.training.recorder import Recorder

SMALL = Split(kind="last", count=500, limit=2000)


def spec(notation: str = "C4 M F D16 Drop0.3", split: Split = SMALL, **training) -> Spec:
    settings = {"epochs": 3, "batch_size": 64, "seed": 5} | training
    return Spec(network=parse(notation), training=Training.model_validate(settings), split=split)


def assert_same(left: dict[str, np.ndarray], right: dict[str, np.ndarray]) -> None:
    assert left.keys() == right.keys()
    for name in left:
        np.testing.assert_array_equal(left[name], right[name], err_msg=name)


@pytest.mark.parametrize("loss", ["sparse_categorical_crossentropy", "categorical_crossentropy"])
def test_an_epoch_is_what_keras_does_with_the_same_batches(loss):
    chosen = spec("C4l2=0.01 M F D16", loss=loss, epochs=1, optimizer="sgd", learning_rate=0.05)
    recorder = Recorder()
    outcome = train(chosen, recorder)

    model = build(chosen.network, seed=chosen.training.seed)
    model.compile(keras.optimizers.SGD(0.05), loss, metrics=["accuracy"], run_eagerly=True)
    data = mnist.load()
    rows = np.random.default_rng([5, 0]).permutation(1500)
    images = data.x_train[..., None] / np.float32(255)
    labels = data.y_train if loss.startswith("sparse") else mnist.one_hot(data.y_train)
    losses, sizes, hits = [], [], 0.0
    for start in range(0, 1500, 64):
        batch = rows[start : start + 64]
        model.reset_metrics()
        value, accuracy = model.train_on_batch(images[batch], labels[batch])
        losses.append(value)
        sizes.append(len(batch))
        hits += accuracy * len(batch)
    np.testing.assert_allclose(recorder.batch_loss, losses, rtol=2e-4)
    assert recorder.epochs[0].loss == pytest.approx(np.average(losses, weights=sizes), rel=1e-4)
    assert recorder.epochs[0].accuracy == pytest.approx(hits / 1500, abs=1e-6)
    val_loss, val_accuracy = model.evaluate(images[1500:2000], labels[1500:2000], verbose=0)
    assert recorder.epochs[0].val_loss == pytest.approx(val_loss, rel=1e-3)
    assert recorder.epochs[0].val_accuracy == pytest.approx(val_accuracy, abs=0.0021)
    for name, weights in zip(outcome.checkpoint.weights, model.get_weights(), strict=True):
        np.testing.assert_allclose(outcome.checkpoint.weights[name], weights, rtol=1e-3, atol=1e-5)


def test_first_weights_and_dropout_are_keras_own_after_its_random_seed():
    network = parse("C4 M F D16 Drop0.3 D8")
    ours = build(network, seed=5)
    keras.utils.set_random_seed(5)
    layers = keras.layers
    plain = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(16, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(8, activation="relu"),
            layers.Dense(10, activation="softmax"),
        ]
    )
    for mine, theirs in zip(ours.variables, plain.variables, strict=True):
        np.testing.assert_array_equal(mine.numpy(), theirs.numpy())


@pytest.mark.slow
def test_an_epoch_of_note_1_gives_the_same_weights_twice():
    chosen = find("note-1")
    training = chosen.training.model_copy(update={"epochs": 1})
    chosen = chosen.model_copy(update={"training": training, "split": Split(limit=20_000)})
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


def test_every_batch_is_reported_once_and_in_order():
    recorder = Recorder()
    train(spec(), recorder)
    firsts = [progress.first_step for progress in recorder.progress]
    lengths = [len(progress.batch_loss) for progress in recorder.progress]
    assert firsts == list(np.cumsum([0, *lengths[:-1]]))
    assert sum(lengths) == 3 * 24  # 1,500 images in batches of 64: 23 whole ones and one of 28
    assert recorder.progress[-1].step == recorder.progress[-1].steps == 24


RECIPES = {
    "dropout": {},
    "adamw cosine": {"optimizer": "adamw", "schedule": "cosine"},
    "augmented": {"augmentation": Augmentation(shift=2, rotation=10, zoom=0.1)},
    "early stopping": {"early_stopping": 2, "learning_rate": 0.01},
    "rmsprop": {"optimizer": "rmsprop"},
    "nadam bfloat16": {"optimizer": "nadam", "precision": "mixed_bfloat16"},
    "momentum": {"optimizer": "sgd", "momentum": 0.9, "schedule": "one_cycle"},
}


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_run_resumed_after_any_stop_is_the_uninterrupted_one(recipe, monkeypatch):
    monkeypatch.setattr(
        "mnist_core.training.train_step.CHUNK_MULTIPLY_ADDS", 6e7
    )  # five chunks an epoch
    chosen = spec("C4bn M F D16 Drop0.3", **RECIPES[recipe])
    whole = Recorder()
    expected = train(chosen, whole)
    assert expected.finished
    for stop in (2, len(whole.progress) // 2):
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


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("constant", [1, 1, 1, 1]),
        ("cosine", [0.854, 0.5, 0.146, 0]),
        ("one_cycle", [1, 0.67, 0.34, 0.01]),
        ("step", [1, 1, 0.1, 0.01]),
    ],
)
def test_schedules_at_the_quarters(kind, expected):
    recorder = Recorder()
    train(spec("F", schedule=kind, epochs=4, learning_rate=0.1), recorder)
    rates = [epoch.learning_rate / 0.1 for epoch in recorder.epochs]
    np.testing.assert_allclose(rates, expected, atol=0.045)


def test_a_loss_that_is_not_a_number_ends_with_a_diagnosis():
    recorder = Recorder()
    diverging = spec("C4linear F D16linear", optimizer="sgd", learning_rate=10, momentum=0.9)
    with pytest.raises(
        TrainingError, match=r"epoch 1, after batch \d+.*learning rate was 10; try 1"
    ):
        train(diverging, recorder)


def test_a_last_batch_that_blows_up_is_not_kept():
    """Its loss is taken before its step, so that only the weights show it."""
    recorder = Recorder()
    split = Split(kind="none", limit=1000)
    one_batch = spec("F", split=split, batch_size=1000, optimizer="sgd", learning_rate=10, epochs=1)
    schedule = one_batch.training.model_copy(update={"learning_rate": 1e39})
    with pytest.raises(TrainingError, match="epoch 1, after batch 1"):
        train(one_batch.model_copy(update={"training": schedule}), recorder)
    assert recorder.epochs == []


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
