"""Reporting progress to the listener after every chunk of batches."""

import math
import time

import keras
import numpy as np

from mnist_core.evaluation.history import Listener, Progress
from mnist_core.training.callbacks.context import BatchLogs, Chunk, EpochLogs, TrainingContext

MEMORY_S = 5.0
"""The speed is a mean over about this many of the last seconds of training."""

MEASURED_S = 2.0
"""Seconds of training before the time left is shown; shorter measurements say little."""


class Speed:
    """Images per second: a mean in which batches older than `MEMORY_S` count for little."""

    def __init__(self) -> None:
        self.measured_s = self._images = self._seconds = 0.0

    def add(self, images: int, seconds: float) -> None:
        """Count images and the seconds that they took."""
        kept = math.exp(-seconds / MEMORY_S)
        self._images = kept * self._images + images
        self._seconds = kept * self._seconds + seconds
        self.measured_s += seconds

    @property
    def images_per_s(self) -> float | None:
        """The speed; None before the first images were counted."""
        return self._images / self._seconds if self._seconds else None


class ProgressReport(keras.callbacks.Callback):
    """Calls `listener.on_progress` a few times per second, and stops the run if it returns False.

    The first chunk waits for TensorFlow to trace the step, so it does not count toward the speed.
    The end of an epoch, with validation and records, counts toward the time left.
    """

    def __init__(self, context: TrainingContext, listener: Listener) -> None:
        super().__init__()
        self.context, self.listener = context, listener
        self.traced = False
        self.speed = Speed()
        self.epoch_end_s = 0.0
        self._chunk_ended = time.perf_counter()

    def on_train_batch_end(self, batch: int, logs: BatchLogs | None = None) -> None:
        self._chunk_ended = time.perf_counter()
        chunk = self.context.chunk
        if not len(chunk.loss):
            return
        if self.traced:
            self.speed.add(int(chunk.images.sum()), chunk.seconds)
        self.traced = True
        if not self.listener.on_progress(self._progress(chunk)):
            self.context.model.stop_training = True

    def on_epoch_begin(self, epoch: int, logs: EpochLogs | None = None) -> None:
        if self.traced:
            self.epoch_end_s = time.perf_counter() - self._chunk_ended

    def _seconds_left(self) -> float | None:
        """Return how long training still takes, None before the speed is known."""
        speed = self.speed.images_per_s
        if speed is None or self.speed.measured_s < MEASURED_S:
            return None
        state, plan = self.context.state, self.context.plan
        epochs = state.epochs - state.epoch
        images = epochs * len(plan.rows) - plan.images(state.step)
        return images / speed + epochs * self.epoch_end_s

    def _progress(self, chunk: Chunk) -> Progress:
        state, plan = self.context.state, self.context.plan
        seen = plan.images(state.step)
        return Progress(
            epoch=state.epoch + 1,
            epochs=state.epochs,
            step=state.step,
            steps=plan.steps,
            loss=state.loss_sum / seen,
            accuracy=state.correct / seen,
            images_per_s=self.speed.images_per_s,
            eta_s=self._seconds_left(),
            first_step=state.epoch * plan.steps + state.step - len(chunk.loss),
            batch_loss=chunk.loss.astype(np.float32),
            batch_accuracy=(chunk.correct / chunk.images).astype(np.float32),
        )
