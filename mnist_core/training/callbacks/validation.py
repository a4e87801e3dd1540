"""Loss and accuracy on the validation images."""

import keras
import tensorflow as tf

from mnist_core.dataset.mnist import Partition
from mnist_core.network.spec import Network
from mnist_core.network.summary import prediction_batch_size
from mnist_core.training.callbacks.context import EpochLogs, TrainingContext
from mnist_core.training.train_step import tensors


class Validation(keras.callbacks.Callback):
    """Adds `val_loss` and `val_accuracy` to the logs of every whole epoch, as `fit` of Keras does.

    Without validation images the logs stay as they are.
    """

    def __init__(self, context: TrainingContext, network: Network, rows: Partition) -> None:
        super().__init__()
        self.context, self.rows, self.batch_size = (
            context,
            rows.validation,
            prediction_batch_size(network),
        )
        self.images, self.labels = tensors("test" if rows.leaks else "train")

    def on_epoch_end(self, epoch: int, logs: EpochLogs | None = None) -> None:
        if logs is None or not len(self.rows) or not self.context.epoch_is_whole:
            return
        loss_sum, correct = 0.0, 0
        for start in range(0, len(self.rows), self.batch_size):
            rows = self.rows[start : start + self.batch_size]
            loss, right = self.context.model.evaluate_rows(
                self.images, self.labels, tf.constant(rows)
            )
            loss_sum += float(loss) * len(rows)
            correct += int(right)
        logs["val_loss"] = loss_sum / len(self.rows)
        logs["val_accuracy"] = correct / len(self.rows)
