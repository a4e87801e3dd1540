"""The model: its first weights, and its learning rates."""

import keras
import numpy as np
import pytest

from mnist_core.network.notation import parse
from mnist_core.training.model import build
from mnist_core.training.trainer import train
from tests.mnist_core.training.recorder import Recorder
from tests.mnist_core.training.small_specs import spec


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
