"""Steps of training: against plain Keras on the same batches."""

import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import TrainingError
from mnist_core.network.notation import parse
from mnist_core.network.spec import Split
from mnist_core.training.model import build, weight_name
from mnist_core.training.train_step import pool_before_relu, tensors
from mnist_core.training.trainer import train
from tests.mnist_core.training.recorder import Recorder
from tests.mnist_core.training.small_specs import spec


@pytest.mark.parametrize("part", ["train", "test"])
def test_the_tensors_of_the_data_set_have_its_values(part):
    data = mnist.load()
    images, labels = tensors(part)
    np.testing.assert_array_equal(images, getattr(data, f"x_{part}"))
    np.testing.assert_array_equal(labels, getattr(data, f"y_{part}"))
    assert tensors(part)[0] is images


@pytest.mark.skipif(
    sys.platform != "linux" or bool(tf.config.list_physical_devices("GPU")),
    reason="Linux lists the files that a process maps; a GPU has memory of its own",
)
def test_the_tensors_of_the_data_set_are_its_files_and_no_copies():
    images: Any = tensors("train")[0]  # has a buffer, of which its stubs do not tell
    address = np.asarray(memoryview(images)).ctypes.data
    for line in Path("/proc/self/maps").read_text().splitlines():
        start, end = (int(part, 16) for part in line.split()[0].split("-"))
        if start <= address < end:
            assert line.endswith(str(mnist.FOLDER / "x_train.npy"))
            return
    pytest.fail("the address of the images is unknown")


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


def test_every_batch_is_reported_once_and_in_order():
    recorder = Recorder()
    train(spec(), recorder)
    firsts = [progress.first_step for progress in recorder.progress]
    lengths = [len(progress.batch_loss) for progress in recorder.progress]
    assert firsts == list(np.cumsum([0, *lengths[:-1]]))
    assert sum(lengths) == 3 * 24  # 1,500 images in batches of 64: 23 whole ones and one of 28
    assert recorder.progress[-1].step == recorder.progress[-1].steps == 24


def test_a_last_batch_that_blows_up_is_not_kept():
    """Its loss is taken before its step, so that only the weights show it."""
    recorder = Recorder()
    split = Split(kind="none", limit=1000)
    one_batch = spec("F", split=split, batch_size=1000, optimizer="sgd", learning_rate=10, epochs=1)
    schedule = one_batch.training.model_copy(update={"learning_rate": 1e39})
    with pytest.raises(TrainingError, match="epoch 1, after batch 1"):
        train(one_batch.model_copy(update={"training": schedule}), recorder)
    assert recorder.epochs == []


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize(
    ("notation", "moved"),
    [("C4 M C8samebn M F D16", 2), ("C4k5s2 M2s1same Drop0.2 M F", 1), ("C4tanh M C4 A F", 0)],
)
def test_relu_after_pooling_changes_neither_values_nor_gradients(notation, moved, precision):
    data = mnist.load()
    images, labels = data.x_train[:64, ..., None] / np.float32(255), data.y_train[:64]
    found = []
    for change in (lambda model: model, pool_before_relu):
        model = change(build(parse(notation), precision, seed=3))
        with tf.GradientTape() as tape:
            answers = model(images, training=True)
            loss = keras.losses.SparseCategoricalCrossentropy()(labels, answers)
        variables = model.trainable_variables
        slopes = tape.gradient(loss, [variable.value for variable in variables])
        names = [weight_name(variable) for variable in variables]
        found.append(dict(zip(names, map(np.asarray, slopes), strict=True)) | {"": answers.numpy()})
    assert sum(layer.name.endswith("_relu") for layer in model.layers) == moved
    assert found[0].keys() == found[1].keys()
    for name, values in found[0].items():
        np.testing.assert_array_equal(values, found[1][name], err_msg=name)
