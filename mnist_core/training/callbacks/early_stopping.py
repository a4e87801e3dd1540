"""Early stopping on the validation loss, with the best weights kept."""

import keras

from mnist_core.evaluation.history import BEST
from mnist_core.training.callbacks.context import EpochLogs, TrainingContext
from mnist_core.training.model import weights_of


class EarlyStopping(keras.callbacks.Callback):
    """Ends the run after `patience` epochs in a row without a smaller validation loss.

    The weights of the best epoch are kept in the checkpoint. Patience starts again when a run
    resumes for more epochs.
    """

    def __init__(self, context: TrainingContext, patience: int) -> None:
        super().__init__()
        self.context, self.patience = context, patience
        self.first_epoch = context.state.leg_start // context.plan.steps

    def on_epoch_end(self, epoch: int, logs: EpochLogs | None = None) -> None:
        context, done = self.context, self.context.epoch
        if done is None or done.val_loss is None:
            return
        if done.val_loss < context.state.best_val_loss:
            context.update(best_epoch=done.epoch, best_val_loss=done.val_loss)
            weights = weights_of(context.model.network)
            context.best = {BEST + name: array for name, array in weights.items()}
        elif done.epoch - max(context.state.best_epoch, self.first_epoch) >= self.patience:
            context.end("early stopping")
