"""The network's answers for a few test images, for people who watch it learn."""

import time
from collections.abc import Callable

import keras
import numpy as np

from mnist_core.dataset import mnist
from mnist_core.training.callbacks.context import BatchLogs, EpochLogs, TrainingContext

EVERY_S = 0.5


class Guesses(keras.callbacks.Callback):
    """Passes on the probabilities for `mnist.showcase()`, float32 (20, 10), during training.

    It predicts before the first batch, then at most twice per second, and after the last batch.
    Predicting does not change the training.
    """

    def __init__(self, context: TrainingContext, receive: Callable[[np.ndarray], object]) -> None:
        super().__init__()
        self.context, self.receive = context, receive
        self.images = mnist.load().x_test[mnist.showcase()]
        self._passed = 0.0

    def on_train_begin(self, logs: EpochLogs | None = None) -> None:
        self._pass()

    def on_train_batch_end(self, batch: int, logs: BatchLogs | None = None) -> None:
        if time.perf_counter() - self._passed >= EVERY_S:
            self._pass()

    def on_train_end(self, logs: EpochLogs | None = None) -> None:
        self._pass()

    def _pass(self) -> None:
        probabilities = self.context.model.probabilities(self.images)
        if np.isfinite(probabilities).all():  # not after a training has diverged
            self.receive(probabilities)
        self._passed = time.perf_counter()
