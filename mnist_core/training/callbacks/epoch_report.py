"""Handing every epoch and its checkpoint to the listener."""

import keras

from mnist_core.evaluation.history import Listener
from mnist_core.training.callbacks.context import EpochLogs, TrainingContext


class EpochReport(keras.callbacks.Callback):
    """Calls `listener.on_epoch` after every whole epoch with a checkpoint.

    A learning rate that the listener returns is the peak of the schedule from here on.
    """

    def __init__(self, context: TrainingContext, listener: Listener) -> None:
        super().__init__()
        self.context, self.listener = context, listener

    def on_epoch_end(self, epoch: int, logs: EpochLogs | None = None) -> None:
        context = self.context
        if context.epoch is None:
            return
        rate = self.listener.on_epoch(context.epoch, context.checkpoint())
        if rate is not None:
            context.model.schedule.peak.assign(rate)
            context.update(learning_rate=rate)
