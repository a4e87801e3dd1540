"""Steps on one batch against Keras's own tape, optimizers and training."""

from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf

from mnist_core.dataset import mnist
from mnist_core.insight.batch_training import BatchTrainer
from mnist_core.insight.observation import COLUMNS, ROWS, Observation, Variable
from mnist_core.network.notation import parse
from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Spec, Training
from tests.mnist_core.insight.extractors import first_weights
from tests.mnist_core.training.small_specs import changed

SMALL = "C3 M F Drop0.5 D6"
IMAGES, LABELS = mnist.load().x_train[5:9], mnist.load().y_train[5:9]
PIXELS = IMAGES[..., None].astype(np.float32) / 255


def observed(notation: str, steps: int = 1, fresh: bool = True, **training: Any) -> Observation:
    spec = Spec(network=parse(notation), training=Training(**training))
    return BatchTrainer(spec, first_weights(notation)).observe(fresh, IMAGES, LABELS, steps)


def variables(seen: Observation) -> dict[str, Variable]:
    return {variable.name: variable for layer in seen.layers for variable in layer.variables}


def whole(values: np.ndarray) -> np.ndarray:
    """All cells of a small table, by unit."""
    return np.moveaxis(values, -1, 0).reshape(values.shape[-1], -1)


def plain_network() -> keras.Sequential:
    layers = keras.layers
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(3, 3, activation="relu", name="conv2d_1"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(6, activation="relu", name="dense_1"),
            layers.Dense(10, activation="softmax", name="output"),
        ]
    )


def test_losses_and_gradients_are_those_of_a_plain_network_without_dropout():
    seen = observed(SMALL, fresh=False)
    network, given = plain_network(), first_weights(SMALL)
    names = [variable.path.removeprefix(f"{network.name}/") for variable in network.weights]
    for name, variable in zip(names, network.weights, strict=True):
        variable.assign(given[name])
    with tf.GradientTape() as tape:
        answers = network(PIXELS)
        loss = tf.reduce_mean(-tf.math.log(tf.boolean_mask(answers, np.eye(10)[LABELS] == 1)))
    slopes = tape.gradient(loss, network.trainable_variables)
    assert seen.losses[0] == pytest.approx(float(loss), rel=1e-5)
    np.testing.assert_allclose(seen.probabilities[0], answers, rtol=1e-4)
    found = variables(seen)
    assert list(found) == names
    for name, slope in zip(names, slopes, strict=True):
        cells = [whole(part)[:ROWS, :COLUMNS] for part in (given[name], slope.numpy())]
        np.testing.assert_array_equal(found[name].weights[0], cells[0])
        np.testing.assert_allclose(found[name].gradients[0], cells[1], rtol=1e-3, atol=1e-6)
    dense = [given["dense_1/kernel"], given["dense_1/bias"]]
    for size, parts in (
        (seen.layers[1].weight_sizes[0], dense),
        (seen.layers[1].gradient_sizes[0], [slope.numpy() for slope in slopes[2:4]]),
    ):
        mean = sum(np.abs(part).sum() for part in parts) / sum(part.size for part in parts)
        assert size == pytest.approx(mean, rel=1e-4)


def test_a_cell_is_found_in_the_array_of_keras():
    kernel = variables(observed("C3 C5 GAP", fresh=False))["conv2d_2/kernel"]
    given = first_weights("C3 C5 GAP")["conv2d_2/kernel"]
    assert kernel.index(4, 25) == (2, 2, 1, 4)
    for row, column in ((0, 0), (4, 25), (2, 10)):
        assert given[kernel.index(row, column)] == kernel.weights[0, row, column]
    assert variables(observed("F"))["output/bias"].index(7, 0) == (7,)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_three_steps_are_those_of_keras_apply(name):
    """A gradient of the loss in every step, from the same tables of the step before."""
    training = changed(name)
    seen = variables(observed("F D4", 3, **training.model_dump(exclude_unset=True)))
    output = seen["output/kernel"]
    own = {setting: getattr(training, setting) for setting in OPTIMIZERS[name].settings}
    theirs = getattr(keras.optimizers, OPTIMIZERS[name].keras)(0.01, **own)
    weight = keras.Variable(output.weights[0])
    for step in range(3):
        theirs.apply([keras.ops.convert_to_tensor(output.gradients[step])], [weight])
        np.testing.assert_allclose(output.weights[step + 1], weight, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_it_starts_anew_for_every_observation(name):
    spec = Spec(network=parse("F D4"), training=changed(name))
    trainer = BatchTrainer(spec, first_weights("F D4"))
    first = trainer.observe(True, IMAGES, LABELS, 3)
    trainer.observe(False, IMAGES[::-1], LABELS[::-1], 2)
    again = trainer.observe(True, IMAGES, LABELS, 4)
    np.testing.assert_allclose(again.losses[:4], first.losses, rtol=1e-6)
    fewer = trainer.observe(False, IMAGES, LABELS, 1)
    assert fewer.losses[0] != again.losses[0]


def test_the_first_steps_of_more_are_fewer_steps():
    more, fewer = observed("F D4", 4), observed("F D4", 2)
    cut = more.first(2)
    np.testing.assert_allclose(cut.losses, fewer.losses, rtol=1e-5)
    assert cut.probabilities.shape == fewer.probabilities.shape
    for ours, theirs in zip(cut.layers, fewer.layers, strict=True):
        np.testing.assert_allclose(ours.weight_sizes, theirs.weight_sizes, rtol=1e-5)
        np.testing.assert_allclose(ours.gradient_sizes, theirs.gradient_sizes, rtol=1e-3)
        for own, their in zip(ours.variables, theirs.variables, strict=True):
            np.testing.assert_allclose(own.weights, their.weights, rtol=1e-3, atol=1e-6)
            assert own.gradients.shape == their.gradients.shape


def test_steps_that_diverge_are_not_finite():
    assert observed("F D4", 3).finite
    seen = observed("F D4l2=1", 20, optimizer="sgd", learning_rate=10)  # w grows 19 times a step
    assert seen.first(1).finite
    assert not seen.finite


def test_the_learning_rate_has_no_schedule():
    plain, cosine = (observed("F", 2, schedule=name) for name in ("constant", "cosine"))
    np.testing.assert_array_equal(plain.losses, cosine.losses)


def test_the_loss_has_smoothed_labels_and_penalties():
    seen = observed("F D4l2=0.1", loss="categorical_crossentropy", label_smoothing=0.2, fresh=False)
    given = first_weights("F D4l2=0.1")
    truth = 0.8 * np.eye(10)[LABELS] + 0.02
    entropy = -(truth * np.log(seen.probabilities[0])).sum(axis=1).mean()
    penalty = 0.1 * (given["dense_1/kernel"].astype(float) ** 2).sum()
    assert seen.losses[0] == pytest.approx(entropy + penalty, rel=1e-5)


def test_batch_normalization_uses_moving_averages_and_leaves_them():
    notation = "C3bn M F"
    given = first_weights(notation) | {
        "batch_normalization_1/moving_mean": np.full(3, 0.5, np.float32)
    }
    trainer = BatchTrainer(Spec(network=parse(notation)), given)
    alone = trainer.observe(False, IMAGES[:1], LABELS[:1], 3)
    both = trainer.observe(False, IMAGES, LABELS, 1)
    np.testing.assert_allclose(alone.probabilities[0, 0], both.probabilities[0, 0], rtol=1e-5)
    moving = [variable.numpy() for variable in trainer.model.non_trainable_variables]
    np.testing.assert_array_equal(moving[0], np.full(3, 0.5))
    names = [layer.name for layer in both.layers]
    assert names == ["conv2d_1", "batch_normalization_1", "output"]
