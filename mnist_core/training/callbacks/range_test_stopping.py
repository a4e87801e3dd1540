"""Ending a learning-rate range test once its loss has diverged."""

import keras

from mnist_core.training.callbacks.context import BatchLogs, TrainingContext
from mnist_core.training.learning_rate_finder import Rise


class RangeTestStopping(keras.callbacks.Callback):
    """Ends the run, as finished, at the batch whose smoothed loss has diverged."""

    def __init__(self, context: TrainingContext) -> None:
        super().__init__()
        self.context = context

    def on_train_batch_end(self, batch: int, logs: BatchLogs | None = None) -> None:
        context, state, loss = self.context, self.context.state, self.context.chunk.loss
        steps = state.epoch * context.plan.steps + state.step - state.leg_start
        rise = Rise(steps - len(loss), state.smoothed, state.least)
        for value in loss:
            rise = rise.after(float(value))
            if rise.ended:
                break
        context.update(smoothed=rise.mean, least=rise.least)
        if rise.ended:
            rate = float(context.model.schedule(rise.steps - 1 + state.leg_start))
            context.end(
                f"the loss diverged at a learning rate of {rate:.2g}, which is where the test ends"
            )
