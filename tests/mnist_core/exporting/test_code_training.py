"""The code of training compiles, schedules, augments and ends as the app does."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.dataset import mnist
from mnist_core.exporting.code import keras_code
from mnist_core.exporting.code_training import fit_code
from mnist_core.network.presets import NOTE_4, PRESETS, find
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Augmentation, Spec, Training
from mnist_core.training.augmentation import augment
from mnist_core.training.estimate import steps
from mnist_core.training.model import Schedule, build, loss, optimizer
from tests.mnist_core.exporting.scripts import essence, run, run_all


def figures(made: keras.optimizers.Optimizer) -> dict:
    """An optimizer's settings; the learning rate is a float32 on one side, or a schedule."""
    settings = made.get_config()
    rate = settings["learning_rate"]
    peak = rate["config"]["peak"] if isinstance(rate, dict) else rate
    return settings | {"learning_rate": round(float(peak), 9), "name": ""}


@pytest.mark.parametrize("preset", [*PRESETS.values(), NOTE_4.presets[2]], ids=lambda p: p.name)
def test_the_presets_with_optimizer_and_loss(preset):
    model = run(keras_code(preset.spec))
    assert essence(model) == essence(build(preset.spec.network))
    training = preset.spec.training
    assert figures(model.optimizer) == figures(optimizer(training, training.learning_rate))
    theirs = model.loss if isinstance(model.loss, str) else model.loss.get_config()
    assert theirs in (training.loss, loss(training).get_config())


def test_early_stopping_ends_a_run_that_learns_nothing(few_images):
    given_ = {"limit": 1000, "epochs": 9, "early_stopping": 2, "split": "last", "count": 200}
    spec = change_settings(find("note-4/0"), {"learning_rate": 1e-12, "optimizer": "sgd"} | given_)
    assert len(run_all(spec)["model"].history.epoch) < 9
    assert "patience=2, restore_best_weights=True" in keras_code(spec)


@pytest.mark.parametrize("schedule", ["cosine", "step", "one_cycle", "range_test"])
@given(count=st.integers(1, 999), epochs=st.integers(1, 3), size=st.sampled_from([64, 999, 4096]))
@settings(max_examples=10)
def test_a_schedule_is_that_of_the_app(schedule, count, epochs, size):
    given_ = {"schedule": schedule, "epochs": epochs, "batch_size": size}
    spec = change_settings(
        find("note-5"), given_ | {"split": "last", "count": count, "limit": 1000}
    )
    total = steps(spec).total
    ours = Schedule(schedule, spec.training.learning_rate, 0, total)
    theirs = run(keras_code(spec)).optimizer._learning_rate
    for step in {0, total // 2 - 1, total // 2, 3 * total // 4, total - 1} - {-1}:
        assert float(theirs(step)) == pytest.approx(float(ours(step)), rel=1e-4, abs=1e-9)


augmentations = st.builds(
    Augmentation, shift=st.integers(0, 8), rotation=st.floats(0, 45), zoom=st.floats(0, 0.5)
)


@given(st.integers(0, 2**31 - 1), st.integers(0, 99_999), augmentations)
@settings(max_examples=15)
def test_images_change_as_in_the_app(seed, step, changes):
    training = Training(augmentation=changes, seed=seed)
    names: dict = {"math": math, "keras": keras, "tf": tf, "SEED": seed}
    code = fit_code(Spec(network=find("note-5").network, training=training), exact=True)
    exec(code.partition("history")[0], names)
    images = mnist.load().x_train[:20, ..., None].astype("float32") / 255
    theirs = names["augment"](images, step) if changes != Augmentation() else images
    ours = augment(tf.constant(images), changes, seed, tf.constant(step))
    np.testing.assert_allclose(theirs, ours, atol=1e-5)


def test_the_short_code_says_that_keras_shuffles(few_images):
    assert "Keras shuffles in its own order" in keras_code(find("note-5"))
    spec = change_settings(
        find("note-5"), {"limit": 1000, "epochs": 2, "shift": 2, "split": "none"}
    )
    names = run_all(spec)
    assert names["model"].optimizer.iterations == steps(spec).total
    assert "its own order" not in keras_code(spec)
