"""Gradients of the loss against the step that Keras takes with them."""

import keras
import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.network.summary import kernel_names, summarize
from mnist_core.training.gradients import gradients
from mnist_core.training.model import build, initial_weights, loss, weight_name, weights_of
from tests.mnist_core.training.small_specs import spec

IMAGES, LABELS = mnist.load().x_train[:32], mnist.load().y_train[:32]


@pytest.mark.parametrize(
    ("notation", "training"),
    [
        ("C4 M F D16", {}),
        ("C4l2=0.1 M F D16", {"loss": "categorical_crossentropy", "label_smoothing": 0.2}),
        ("SC4 PReLU DCk3 F D16tanh", {"loss": "categorical_crossentropy"}),
    ],
)
def test_they_are_the_step_of_keras_at_rate_1(notation, training):
    asked = spec(notation, **training)
    model = build(asked.network, seed=5)
    found = gradients(model, asked.training, IMAGES, LABELS)
    before = weights_of(model)
    model.compile(keras.optimizers.SGD(1.0), loss(asked.training), jit_compile=False)
    one_hot = asked.training.loss == "categorical_crossentropy"
    labels = keras.utils.to_categorical(LABELS, 10) if one_hot else LABELS
    model.train_on_batch(IMAGES[..., None] / np.float32(255), labels)
    after = weights_of(model)
    assert set(found) == {weight_name(variable) for variable in model.trainable_variables}
    assert set(found) >= set(kernel_names(summarize(asked.network).rows))
    for name, gradient in found.items():
        np.testing.assert_allclose(gradient, before[name] - after[name], rtol=1e-3, atol=2e-6)


def test_they_vanish_in_a_deep_network_of_sigmoids():
    left = {}
    for activation in ("sigmoid", "relu"):
        asked = spec("F " + " ".join([f"D32{activation}"] * 6))
        model = build(asked.network, seed=5)
        found = gradients(model, asked.training, IMAGES, LABELS)
        first, *_, last = (
            found[name].std() for name in kernel_names(summarize(asked.network).rows)
        )
        left[activation] = first / last
    assert left["sigmoid"] < 1e-3 < 0.1 < left["relu"]


@pytest.mark.parametrize("precision", ["float32", "mixed_bfloat16"])
def test_initial_weights_are_those_of_keras_after_its_random_seed(precision):
    asked = spec("C4 M F D16", precision=precision)
    keras.utils.set_random_seed(5)
    plain = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            keras.layers.Conv2D(4, 3),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(16),
            keras.layers.Dense(10),
        ]
    )
    for mine, theirs in zip(initial_weights(asked).values(), plain.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)
    trained = weights_of(build(asked.network, precision, asked.training.seed))
    for name, mine in initial_weights(asked).items():
        np.testing.assert_array_equal(mine, trained[name])
