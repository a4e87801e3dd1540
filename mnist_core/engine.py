"""Where compute happens: Dask, one local worker process unless an address is given."""

from dataclasses import dataclass

import numpy as np

from mnist_core.errors import MnistError
from mnist_core.store import Run


class EngineError(MnistError):
    """The engine cannot answer now."""

    status = 1


@dataclass(frozen=True)
class Status:
    """How the engine is, as a word and as a sentence for people."""

    ready: bool
    words: str


class Engine:
    """Trains queued runs, one at a time a worker, and answers predictions beside them."""

    def start(self) -> None:
        """Begin in the background; returns at once."""

    def stop(self) -> None:
        """End all that was started."""

    def status(self) -> Status:
        """Whether there is a worker, and what it waits for if not."""
        return Status(False, "off")

    def wake(self) -> None:
        """Look at the queue now: a run was queued, paused, stopped or deleted."""

    def probabilities(self, workspace: str, run: Run, images: np.ndarray) -> np.ndarray:
        """What a trained run makes of images: uint8 (n, 28, 28) -> float32 (n, 10), rows sum to 1.

        Raises EngineError when no worker answers in time, StoreError where there are no weights.
        """
        raise EngineError("off")

    def export(self, workspace: str, run: Run, ending: str) -> bytes:
        """A trained run as the bytes of a .keras, .h5 or .weights.h5 file."""
        raise EngineError("off")
