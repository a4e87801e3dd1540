"""The rules for one weight against Keras's optimizers."""

import keras
import numpy as np
import pytest

from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.spec import Training
from mnist_core.teaching.concepts.update import RULES, decay, rule, update
from mnist_core.training.model import optimizer

GRADIENTS = [0.5, -0.2, 0.0, 3.0, 1e-7, -0.04]
TRAININGS = {
    name: Training.model_validate({"optimizer": name, "learning_rate": 0.01}) for name in OPTIMIZERS
} | {
    "momentum": Training(optimizer="sgd", momentum=0.8),
    "nesterov": Training(optimizer="sgd", momentum=0.8, nesterov=True),
    "other betas": Training(optimizer="adam", beta_1=0.6, beta_2=0.7),
    "other nadam": Training(optimizer="nadam", beta_1=0.6, beta_2=0.7),
    "other adamax": Training(optimizer="adamax", beta_1=0.6, beta_2=0.7),
    "strong decay": Training(optimizer="adamw", learning_rate=0.1, weight_decay=0.5),
    "no decay": Training(optimizer="adamw", weight_decay=0.0),
}


def test_every_optimizer_has_a_rule():
    assert {rule(training) for training in TRAININGS.values()} == set(RULES)


@pytest.mark.parametrize("name", TRAININGS)
def test_without_a_gradient_only_a_decay_moves_the_weight(name):
    training = TRAININGS[name]
    variable = keras.Variable(np.array([0.7]), dtype="float64")
    zero = keras.ops.convert_to_tensor([0.0], "float64")
    optimizer(training, training.learning_rate).apply([zero], [variable])
    assert update(training, [0.0])["step"] == 0
    assert float(variable.numpy()[0]) == pytest.approx(0.7 * (1 - decay(training)), rel=1e-7)


@pytest.mark.parametrize("name", TRAININGS)
@pytest.mark.parametrize("scale", [1.0, 1e-6])
def test_every_step_is_that_of_keras(name, scale):
    """With small gradients epsilon matters as well."""
    training, weight = TRAININGS[name], 0.7
    kind = OPTIMIZERS[training.optimizer]
    given = {setting: getattr(training, setting) for setting in kind.settings}
    own = {setting: value for setting, value in given.items() if value is not None}
    theirs = getattr(keras.optimizers, kind.keras)(training.learning_rate, **own)
    variable = keras.Variable(np.array([weight]), dtype="float64")
    gradients = [scale * g for g in GRADIENTS]
    for done, g in enumerate(gradients, start=1):
        theirs.apply([keras.ops.convert_to_tensor([g], "float64")], [variable])
        numbers = update(training, gradients[:done])
        before, weight = weight, weight * (1 - decay(training)) - numbers["step"]
        assert (numbers["t"], numbers["g"]) == (done, g)
        moved = float(variable.numpy()[0]) - before
        assert weight - before == pytest.approx(moved, rel=1e-4, abs=1e-9)
        weight = float(variable.numpy()[0])
