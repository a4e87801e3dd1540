"""Validation figures are those of the validation images, after whole epochs."""

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.dataset.mnist import Partition
from mnist_core.network.notation import parse
from mnist_core.training.callbacks import validation
from mnist_core.training.callbacks.validation import Validation
from mnist_core.training.model import weights_of

ROWS = np.arange(100, 140, dtype=np.int32)
NETWORK = parse("F")


def validate(context, rows: Partition) -> dict[str, float]:
    logs: dict[str, float] = {}
    Validation(context, NETWORK, rows).on_epoch_end(0, logs)
    return logs


@pytest.mark.parametrize("leaks", [False, True])
def test_the_logs_have_loss_and_accuracy_of_the_validation_images(context, leaks):
    context.update(step=3)
    logs = validate(context, Partition(ROWS[:0], ROWS, leaks))
    data, weights = mnist.load(), weights_of(context.model.network)
    images, labels = (data.x_test, data.y_test) if leaks else (data.x_train, data.y_train)
    scores = images[ROWS].reshape(40, -1) / 255 @ weights["output/kernel"] + weights["output/bias"]
    log_sums = np.log(np.exp(scores).sum(axis=1))
    losses = log_sums - scores[np.arange(40), labels[ROWS]]
    assert logs["val_loss"] == pytest.approx(losses.mean(), rel=1e-4)
    assert logs["val_accuracy"] == (scores.argmax(axis=1) == labels[ROWS]).mean()


def test_parts_of_the_images_are_weighted_by_their_size(context, monkeypatch):
    context.update(step=3)
    at_once = validate(context, Partition(ROWS[:0], ROWS, False))
    monkeypatch.setattr(validation, "prediction_batch_size", lambda network: 32)
    assert validate(context, Partition(ROWS[:0], ROWS, False)) == pytest.approx(at_once, rel=1e-5)


def test_an_epoch_that_is_not_whole_is_not_validated(context):
    context.update(step=2)
    assert validate(context, Partition(ROWS[:0], ROWS, False)) == {}


def test_without_validation_images_there_are_no_figures(context):
    context.update(step=3)
    assert validate(context, Partition(ROWS, ROWS[:0], False)) == {}
