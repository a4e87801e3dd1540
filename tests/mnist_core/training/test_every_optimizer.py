"""What holds of every optimizer that is registered, against Keras's own."""

import keras
import numpy as np
import pytest

from mnist_core.evaluation.history import Checkpoint
from mnist_core.exporting.code import keras_code
from mnist_core.network.optimizers import OPTIMIZERS
from mnist_core.network.presets import find
from mnist_core.network.spec import Training
from mnist_core.training.model import FUSED, optimizer
from mnist_core.training.trainer import train
from tests.mnist_core.exporting.scripts import run
from tests.mnist_core.training.recorder import Recorder
from tests.mnist_core.training.small_specs import OTHER, changed, spec
from ui.views.build.settings import HELP, OPTIMIZER_WORDS

every_optimizer = pytest.mark.parametrize("name", OPTIMIZERS)


def steps(made: keras.Optimizer) -> np.ndarray:
    """A weight after each of three steps."""
    weight = keras.Variable(np.array([1.0, -2.0, 3.0], np.float32))
    found = []
    for gradient in ([0.5, -1, 0.1], [0.2, 1, -0.1], [-3, 0, 0.3]):
        made.apply([keras.ops.convert_to_tensor(np.array(gradient, np.float32))], [weight])
        found.append(weight.numpy())
    return np.array(found)


def test_the_app_has_words_for_each_and_for_its_settings():
    assert OPTIMIZER_WORDS.keys() == OPTIMIZERS.keys()
    assert OTHER.keys() == {name for kind in OPTIMIZERS.values() for name in kind.settings}
    assert OTHER.keys() <= HELP.keys()


@every_optimizer
def test_the_rate_from_which_networks_jump_about_is_not_below_the_default_of_keras(name):
    kind = OPTIMIZERS[name]
    assert getattr(keras.optimizers, kind.keras)().learning_rate <= kind.high_rate < 0.5


@every_optimizer
def test_it_steps_as_keras_does(name):
    kind, training = OPTIMIZERS[name], changed(name)
    theirs = getattr(keras.optimizers, kind.keras)
    plain = Training.model_validate({"optimizer": name, "learning_rate": 0.01})
    rounding = 3e-7 if name in FUSED else 0  # two steps of the last binary digit
    np.testing.assert_allclose(steps(optimizer(plain, 0.01)), steps(theirs(0.01)), rtol=rounding)
    own = {setting: OTHER[setting] for setting in kind.settings}
    found, expected = steps(optimizer(training, 0.01)), steps(theirs(0.01, **own))
    np.testing.assert_allclose(found, expected, rtol=rounding)
    assert bool(own) == (steps(theirs(0.01)) != steps(theirs(0.01, **own))).any()


@every_optimizer
def test_its_code_makes_it(name):
    training = changed(name)
    given = find("note-5").model_copy(update={"training": training})
    theirs = run(keras_code(given)).optimizer.get_config()
    ours = optimizer(training, training.learning_rate).get_config()
    assert theirs | {"name": ""} == ours | {"name": ""}


@pytest.mark.slow
@every_optimizer
def test_a_run_resumes_to_the_last_bit(name):
    chosen = spec("F D8", optimizer=name, epochs=2, learning_rate=0.001)
    whole = Recorder()
    expected = train(chosen, whole).checkpoint.weights
    left = train(chosen, Recorder(len(whole.progress) // 3))
    assert not left.finished
    resumed = train(chosen, Recorder(), Checkpoint.from_bytes(left.checkpoint.to_bytes()))
    assert resumed.checkpoint.weights.keys() == expected.keys()
    for key, values in expected.items():
        np.testing.assert_array_equal(resumed.checkpoint.weights[key], values)
