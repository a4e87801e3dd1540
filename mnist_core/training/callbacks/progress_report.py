"""Reporting progress to the listener after every chunk of batches."""

import keras
import numpy as np

from mnist_core.evaluation.history import Listener, Progress
from mnist_core.training.callbacks.context import BatchLogs, TrainingContext


class ProgressReport(keras.callbacks.Callback):
    """Calls `listener.on_progress` a few times per second, and stops the run where it says so.

    The speed is smoothed, in images per second; the first chunk, which waits for TensorFlow to
    trace the step, does not count.
    """

    def __init__(self, context: TrainingContext, listener: Listener) -> None:
        super().__init__()
        self.context, self.listener = context, listener
        self.chunks, self.images_per_s = 0, 0.0

    def on_train_batch_end(self, batch: int, logs: BatchLogs | None = None) -> None:
        if not len(self.context.chunk.loss):
            return
        self._measure()
        if not self.listener.on_progress(self._progress()):
            self.context.model.stop_training = True

    def _measure(self) -> None:
        chunk = self.context.chunk
        self.chunks += 1
        now = int(chunk.images.sum()) / chunk.seconds
        self.images_per_s = now if self.chunks <= 2 else 0.8 * self.images_per_s + 0.2 * now

    def _progress(self) -> Progress:
        state, plan, chunk = self.context.state, self.context.plan, self.context.chunk
        seen = plan.images(state.step)
        left = (state.epochs - state.epoch) * len(plan.rows) - seen
        return Progress(
            epoch=state.epoch + 1,
            epochs=state.epochs,
            step=state.step,
            steps=plan.steps,
            loss=state.loss_sum / seen,
            accuracy=state.correct / seen,
            images_per_s=self.images_per_s,
            eta_s=left / self.images_per_s,
            first_step=state.epoch * plan.steps + state.step - len(chunk.loss),
            batch_loss=chunk.loss.astype(np.float32),
            batch_accuracy=(chunk.correct / chunk.images).astype(np.float32),
        )
