"""Counting batches, and summing their metrics to the figures of an epoch."""

import keras
import numpy as np

from mnist_core.evaluation.history import Epoch
from mnist_core.training.callbacks.context import BatchLogs, Chunk, EpochLogs, TrainingContext


class Metrics(keras.callbacks.Callback):
    """Adds every chunk to the state, and turns the sums of a whole epoch into its `Epoch`."""

    def __init__(self, context: TrainingContext) -> None:
        super().__init__()
        self.context = context

    def on_epoch_begin(self, epoch: int, logs: EpochLogs | None = None) -> None:
        self.context.epoch = None

    def on_train_batch_end(self, batch: int, logs: BatchLogs | None = None) -> None:
        context, logs = self.context, logs or {}
        loss, correct = np.atleast_1d(logs["losses"]), np.atleast_1d(logs["correct"])
        state, seconds = context.state, context.lap()
        step = state.step + len(loss)
        seen = [context.plan.images(count) for count in range(state.step, step + 1)]
        context.chunk = Chunk(loss, correct, np.diff(seen), seconds)
        context.update(
            step=step,
            loss_sum=state.loss_sum + float(loss @ context.chunk.images),
            correct=state.correct + int(correct.sum()),
            seconds=state.seconds + seconds,
        )

    def on_epoch_end(self, epoch: int, logs: EpochLogs | None = None) -> None:
        context, state, logs = self.context, self.context.state, logs or {}
        if not context.epoch_is_whole:
            return
        images = len(context.plan.rows)
        context.epoch = Epoch(
            epoch=epoch + 1,
            loss=state.loss_sum / images,
            accuracy=state.correct / images,
            val_loss=logs.get("val_loss"),
            val_accuracy=logs.get("val_accuracy"),
            learning_rate=context.model.last_learning_rate,
            seconds=state.seconds + context.lap(),
        )
        context.update(epoch=epoch + 1, step=0, loss_sum=0.0, correct=0, seconds=0.0)
