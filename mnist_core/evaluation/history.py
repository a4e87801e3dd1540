"""What a training run tells while it runs, and what it needs to go on later; no TensorFlow."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Protocol, Self

import numpy as np

from mnist_core.utils.errors import MnistError
from mnist_core.utils.npz import pack, unpack


class TrainingError(MnistError):
    """A run that cannot go on, with what to try."""

    status = 1


@dataclass(frozen=True)
class Epoch:
    """The figures of one epoch, counted from 1; `val_*` is None without validation images.

    loss and accuracy are means over the epoch's batches while the weights were moving, as Keras
    reports them; the learning rate is that of the epoch's last step.
    """

    epoch: int
    loss: float
    accuracy: float
    val_loss: float | None
    val_accuracy: float | None
    learning_rate: float
    seconds: float


@dataclass(frozen=True)
class Progress:
    """Where a run is, and the batches since the last report.

    `first_step` is the number, from 0 and over all epochs, of the first batch in `batch_loss` and
    `batch_accuracy` (float32, one value a batch). loss and accuracy are the epoch's means so far.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float
    images_per_s: float
    eta_s: float
    first_step: int
    batch_loss: np.ndarray
    batch_accuracy: np.ndarray


@dataclass(frozen=True)
class State:
    """The numbers of a checkpoint. Counted in whole epochs, plus `step` batches of the next one.

    A leg is one stretch of the learning-rate schedule: from step `leg_start` (over all epochs)
    to the end of epoch `epochs`. `loss_sum`, `correct` and `seconds` are of the epoch in progress.
    `smoothed` (before its correction) and `least` are of a range test's loss, `reason` why a run
    ended by itself before its last epoch.
    """

    epochs: int
    learning_rate: float
    epoch: int = 0
    step: int = 0
    leg_start: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    seconds: float = 0.0
    best_epoch: int = 0
    best_val_loss: float = float("inf")
    stopped_early: bool = False
    reason: str = ""
    smoothed: float = 0.0
    least: float = float("inf")

    def further(self, epochs: int, steps: int) -> Self:
        """The same state with `epochs` more to go, on a new leg. steps: batches an epoch."""
        begun = 1 if self.step else 0
        return replace(
            self,
            epochs=self.epoch + begun + epochs,
            leg_start=self.epoch * steps + self.step,
            stopped_early=False,
            reason="",
            smoothed=0.0,
            least=float("inf"),
        )


WEIGHTS, BEST = "weights/", "best/"
"""How the names of a checkpoint's arrays begin that hold the last and the best weights."""


@dataclass(frozen=True)
class Checkpoint:
    """All that exact continuation needs: numbers, and arrays of network, optimizer and best."""

    state: State
    arrays: dict[str, np.ndarray]

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """The best epoch's weights where early stopping keeps them, else the last."""
        return self._named(BEST) or self.last_weights

    @property
    def last_weights(self) -> dict[str, np.ndarray]:
        """The weights after the last step."""
        return self._named(WEIGHTS)

    def _named(self, start: str) -> dict[str, np.ndarray]:
        return {n.removeprefix(start): a for n, a in self.arrays.items() if n.startswith(start)}

    def to_bytes(self) -> bytes:
        text = np.frombuffer(json.dumps(asdict(self.state)).encode(), np.uint8)
        return pack({"state": text, **self.arrays})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        arrays = unpack(data)
        return cls(State(**json.loads(arrays.pop("state").tobytes())), arrays)


class Listener(Protocol):
    """What `train` calls while it runs, always from its own thread."""

    def on_progress(self, progress: Progress) -> bool:
        """A few times a second. Returning False stops the run here, to be resumed or not."""
        ...

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> float | None:
        """After every epoch. A returned learning rate replaces the peak from here on."""
        ...
