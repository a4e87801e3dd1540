"""Epochs, progress and checkpoints of a training: what it reports, and what it resumes from."""

import json
from dataclasses import asdict, dataclass, replace
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from mnist_core.utils.errors import MnistError
from mnist_core.utils.npz import pack, unpack


class TrainingError(MnistError):
    """A training that cannot continue, with what to try."""

    status = 1


@dataclass(frozen=True)
class Epoch:
    """The figures of one epoch, counted from 1; `val_*` is None without validation images.

    loss and accuracy are means over the batches of the epoch, during which the weights change, as
    Keras reports them; the learning rate is that of the last step.
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
    """The position of a run, and the batches since the previous report.

    `batch_loss` and `batch_accuracy` have one value per batch; the number of their first batch,
    from 0 and over all epochs, is `first_step`. loss and accuracy are means of the epoch so far.
    images_per_s and eta_s, the seconds that training still takes, are None until they can be known.
    """

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    accuracy: float
    images_per_s: float | None
    eta_s: float | None
    first_step: int
    batch_loss: NDArray[np.float32]
    batch_accuracy: NDArray[np.float32]


@dataclass(frozen=True)
class State:
    """The numbers of a checkpoint, taken after `epoch` epochs and `step` batches of the next one.

    `epochs` is the number of planned epochs. The learning-rate schedule spans the steps from
    `leg_start` (over all epochs) to the end of epoch `epochs`; resuming with more epochs starts a
    new such leg. `loss_sum`, `correct` and `seconds` belong to the epoch in progress. `smoothed`
    (before bias correction) and `least` are losses of a learning-rate range test. `reason` says why
    a run ended before its last epoch.
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
        """Return the state with `epochs` more planned, on a new leg. steps: batches per epoch."""
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
"""Prefixes of the names of arrays in a checkpoint: the last and the best weights."""


@dataclass(frozen=True)
class Checkpoint:
    """Everything needed to resume a training exactly: numbers, weights, optimizer variables."""

    state: State
    arrays: dict[str, np.ndarray]

    @property
    def weights(self) -> dict[str, np.ndarray]:
        """The weights of the best epoch where early stopping keeps them, else the last weights."""
        return self._named(BEST) or self.last_weights

    @property
    def last_weights(self) -> dict[str, np.ndarray]:
        """The weights after the last step."""
        return self._named(WEIGHTS)

    def _named(self, start: str) -> dict[str, np.ndarray]:
        return {n.removeprefix(start): a for n, a in self.arrays.items() if n.startswith(start)}

    def to_bytes(self) -> bytes:
        """Return the checkpoint as a .npz file, the state as JSON in an array of bytes."""
        text = np.frombuffer(json.dumps(asdict(self.state)).encode(), np.uint8)
        return pack({"state": text, **self.arrays})

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read what `to_bytes` returned."""
        arrays = unpack(data)
        return cls(State(**json.loads(arrays.pop("state").tobytes())), arrays)


class Listener(Protocol):
    """The callbacks of a training, called from the thread that trains."""

    def on_progress(self, progress: Progress) -> bool:
        """Take a report, a few times per second; return False to stop training at this batch."""
        ...

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> float | None:
        """Take a finished epoch; return a learning rate to replace the peak, or None."""
        ...
