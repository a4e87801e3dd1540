"""What is read while a network trains: when it is passed on, and that it changes nothing."""

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.training.callbacks import guesses
from mnist_core.training.callbacks.guesses import Guesses
from mnist_core.training.predictor import Predictor
from mnist_core.training.trainer import train
from tests.mnist_core.training.recorder import Recorder
from tests.mnist_core.training.small_specs import spec

SPEC = spec(epochs=1)


def test_the_untrained_network_guesses_first_and_the_trained_one_last():
    passed, listener = [], Recorder()
    train(SPEC, listener, None, passed.append)
    assert passed[0].shape == (20, 10)
    assert not np.array_equal(passed[0], passed[-1])
    trained = Predictor(SPEC.network, listener.checkpoints[-1].last_weights)
    expected = trained.probabilities(mnist.load().x_test[mnist.showcase()])
    np.testing.assert_allclose(passed[-1], expected, atol=1e-6)


def test_watching_changes_nothing(monkeypatch):
    monkeypatch.setattr(guesses, "EVERY_S", 0)
    watched, plain, passed = Recorder(), Recorder(), []
    train(SPEC, watched, None, passed.append)
    train(SPEC, plain)
    assert len(passed) > 2
    np.testing.assert_array_equal(watched.batch_loss, plain.batch_loss)


def test_guesses_are_passed_on_at_most_so_often(context, monkeypatch):
    clock = iter([10.0, 10.2, 10.6, 10.6])  # passed, asked, asked, passed
    monkeypatch.setattr(guesses.time, "perf_counter", lambda: next(clock))
    passed = []
    callback = Guesses(context, passed.append)
    callback.on_train_begin()
    callback.on_train_batch_end(0)
    assert len(passed) == 1
    callback.on_train_batch_end(1)
    assert len(passed) == 2
    assert passed[0].sum(axis=1) == pytest.approx(np.ones(20))
