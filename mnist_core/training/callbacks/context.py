"""What the callbacks of one training share."""

import time
from dataclasses import dataclass, replace

import numpy as np

from mnist_core.evaluation.history import BEST, Checkpoint, Epoch, State
from mnist_core.training.train_step import BatchPlan, TrainingModel

BatchLogs = dict[str, np.ndarray]
"""What a step of `fit` returns: `losses` and `correct`, a value per batch of the chunk."""

EpochLogs = dict[str, float]
"""Metrics of an epoch by their names in Keras: `val_loss` and `val_accuracy`."""


@dataclass(frozen=True)
class Chunk:
    """The batches of one step of `fit`, in order: three arrays (batches,).

    loss: mean of each batch; correct: images classified correctly; images: size of each batch.
    A chunk that was trained before a run was resumed has no batches.
    """

    loss: np.ndarray
    correct: np.ndarray
    images: np.ndarray
    seconds: float


class TrainingContext:
    """The position of a training: the numbers of its checkpoint, the last chunk, the best weights.

    `state` is replaced as a whole whenever one of its numbers changes. `chunk` is the last one
    that ended. `epoch` holds the figures of the last whole epoch from its end until the next epoch
    begins, else None. `best` holds the weights of the best epoch, named as in a checkpoint.
    """

    def __init__(self, plan: BatchPlan, model: TrainingModel) -> None:
        self.plan, self.model = plan, model
        self.state: State = plan.state
        self.chunk = Chunk(np.zeros(0), np.zeros(0, np.int32), np.zeros(0, np.int64), 0.0)
        self.epoch: Epoch | None = None
        self.best: dict[str, np.ndarray] = {}
        self._lap = time.perf_counter()

    def update(self, **changes: object) -> None:
        """Replace numbers of the state, by name."""
        self.state = replace(self.state, **changes)

    def lap(self) -> float:
        """Seconds since the last call, or since training began."""
        before, self._lap = self._lap, time.perf_counter()
        return self._lap - before

    @property
    def epoch_is_whole(self) -> bool:
        """Whether the epoch in progress has all its batches.

        False if the run was stopped within the epoch, or if the loss of a range test diverged in
        its last batches: such an epoch has no figures.
        """
        return self.state.step == self.plan.steps and not self.state.stopped_early

    @property
    def finished(self) -> bool:
        """Whether everything that was planned is done."""
        return self.state.stopped_early or self.state.epoch >= self.state.epochs

    def end(self, reason: str) -> None:
        """End the run before its last epoch, for good. reason: for people."""
        self.update(stopped_early=True, reason=reason)
        self.model.stop_training = True

    def checkpoint(self) -> Checkpoint:
        """Return everything needed to continue the run exactly from here."""
        variables = self.model.state_variables.items()
        return Checkpoint(self.state, {n: v.numpy().copy() for n, v in variables} | self.best)

    def restore(self, checkpoint: Checkpoint) -> None:
        """Give the model and the best weights the arrays of a checkpoint."""
        for name, variable in self.model.state_variables.items():
            variable.assign(checkpoint.arrays[name])
        self.best = {n: array for n, array in checkpoint.arrays.items() if n.startswith(BEST)}
