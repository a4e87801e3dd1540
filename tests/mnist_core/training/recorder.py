"""A listener of a training that keeps everything."""

import numpy as np

from mnist_core.evaluation.history import Checkpoint, Epoch, Progress


class Recorder:
    """Keeps everything; stops after `stop` reports."""

    def __init__(self, stop: int | None = None, rates: dict[int, float] | None = None) -> None:
        self.stop, self.rates = stop, rates or {}
        self.progress: list[Progress] = []
        self.epochs: list[Epoch] = []
        self.checkpoints: list[Checkpoint] = []

    def on_progress(self, progress: Progress) -> bool:
        self.progress.append(progress)
        return self.stop is None or len(self.progress) < self.stop

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> float | None:
        self.epochs.append(epoch)
        self.checkpoints.append(checkpoint)
        return self.rates.get(epoch.epoch)

    @property
    def batch_loss(self) -> np.ndarray:
        return np.concatenate([progress.batch_loss for progress in self.progress])

    @property
    def curve(self) -> list[tuple]:
        return [(e.loss, e.accuracy, e.val_loss, e.val_accuracy) for e in self.epochs]
