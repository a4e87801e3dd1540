"""One training of a network, as the store tells of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mnist_core.network.spec import Spec

State = Literal["queued", "running", "paused", "stopped", "interrupted", "failed", "finished"]
Request = Literal["stop", "pause"]
AT_REST = ["paused", "stopped", "interrupted", "failed", "finished"]
"""The states in which a run neither waits nor trains."""


@dataclass(frozen=True)
class Run:
    """One run as it was when it was read; times are UTC.

    `epochs` counts the finished ones of `planned`, `step` of `steps` the batches of the next;
    `request` and `learning_rate` are what a person asked of it while it runs; `worker` is the
    process that trains or trained it, `lost` how many died of the epoch that is under way;
    `seconds` is time in training; accuracy, loss and calibration error are the test set's, once it
    was evaluated. `trial` is its number, from 0, in a study; `origin` the name of the file that a
    network trained elsewhere came from; `made_by` the own workspace of who made it; `note` and
    `pinned` are for people.
    """

    id: int
    workspace: str
    group_id: int | None
    name: str
    spec: Spec
    state: State
    reason: str
    request: Request | None
    learning_rate: float | None
    worker: str | None
    heartbeat_at: datetime | None
    lost: int
    planned: int
    epochs: int
    step: int
    steps: int
    images_per_s: float | None
    eta_s: float | None
    parameters: int
    seconds: float
    test_accuracy: float | None
    test_loss: float | None
    test_ece: float | None
    trial: int | None
    origin: str
    made_by: str
    note: str
    pinned: bool
    created_at: datetime
    queued_at: datetime | None
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def sees_test(self) -> bool:
        """Whether the test images may judge it: not where settings are still being chosen."""
        return self.trial is None and self.spec.training.schedule != "range_test"
