"""Ending a run whose loss is no longer a number."""

import keras
import numpy as np

from mnist_core.evaluation.history import TrainingError
from mnist_core.training.callbacks.context import BatchLogs, EpochLogs, TrainingContext
from mnist_core.training.model import weights_of


class TerminateOnNaN(keras.callbacks.Callback):
    """Raises TrainingError at the first loss that is infinite or not a number.

    The loss of a batch is computed before its step. If the last step of an epoch diverges, only the
    weights show it.
    """

    def __init__(self, context: TrainingContext) -> None:
        super().__init__()
        self.context = context

    def on_train_batch_end(self, batch: int, logs: BatchLogs | None = None) -> None:
        state, finite = self.context.state, np.isfinite(self.context.chunk.loss)
        if not finite.all():
            self._terminate(state.epoch + 1, state.step - len(finite) + int(finite.argmin()))

    def on_epoch_end(self, epoch: int, logs: EpochLogs | None = None) -> None:
        done = self.context.epoch
        if done is None:
            return
        weights = weights_of(self.context.model.network).values()
        sums = [*(float(np.abs(array).sum()) for array in weights), done.val_loss or 0.0]
        if not np.isfinite(sums).all():
            self._terminate(done.epoch, self.context.plan.steps)

    def _terminate(self, epoch: int, step: int) -> None:
        rate = self.context.state.learning_rate
        raise TrainingError(
            f"the loss stopped being a number in epoch {epoch}, after batch {step}: "
            "the steps were most likely too large, and the weights grew without limit. The "
            f"learning rate was {rate:g}; try {rate / 10:g}, or the one_cycle schedule, which "
            "starts low"
        )
