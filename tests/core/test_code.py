"""The code that the app shows builds the network that the app trains."""

import keras
import pytest
from hypothesis import given, settings

from mnist_core.build import build, loss, optimizer
from mnist_core.code import keras_code
from mnist_core.presets import NOTE_4, PRESETS
from mnist_core.spec import Network, Spec, Training
from tests.core.strategies import networks


def run(code: str) -> keras.Sequential:
    names: dict = {}
    exec(code.replace("model.summary()", ""), names)
    return names["model"]


def essence(model: keras.Sequential) -> list[tuple]:
    """Class and settings of every layer, without names and seeds."""
    left_out = ("name", "dtype", "seed", "kernel_initializer", "trainable")
    return [
        (
            type(layer).__name__,
            {k: v for k, v in layer.get_config().items() if k not in left_out},
            tuple(weight.shape for weight in layer.weights),
        )
        for layer in model.layers
    ]


def figures(made: keras.optimizers.Optimizer) -> dict:
    """An optimizer's settings; the learning rate is a float32 on one side."""
    settings = made.get_config()
    return settings | {"learning_rate": round(float(settings["learning_rate"]), 9), "name": ""}


@settings(max_examples=25)
@given(networks)
def test_any_network(network: Network):
    assert essence(run(keras_code(Spec(network=network)))) == essence(build(network))


@pytest.mark.parametrize("preset", [*PRESETS.values(), NOTE_4.presets[2]], ids=lambda p: p.name)
def test_the_presets_with_optimizer_and_loss(preset):
    model = run(keras_code(preset.spec))
    assert essence(model) == essence(build(preset.spec.network))
    training = preset.spec.training
    assert figures(model.optimizer) == figures(optimizer(training, training.learning_rate))
    theirs = model.loss if isinstance(model.loss, str) else model.loss.get_config()
    assert theirs in (training.loss, loss(training).get_config())


@pytest.mark.parametrize(
    "training",
    [
        Training(optimizer="sgd", momentum=0.9, nesterov=True),
        Training(optimizer="adamw", weight_decay=0.01),
        Training(optimizer="nadam", learning_rate=1e-5),
    ],
)
def test_settings_of_the_optimizer(training):
    spec = PRESETS["note-5"].spec.model_copy(update={"training": training})
    ours = optimizer(training, training.learning_rate)
    assert figures(run(keras_code(spec)).optimizer) == figures(ours)
