"""A run: one training of a network, as it is stored."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from mnist_core.network.spec import Spec

State = Literal["queued", "running", "paused", "stopped", "interrupted", "failed", "finished"]
Request = Literal["stop", "pause"]
INACTIVE_STATES = ["paused", "stopped", "interrupted", "failed", "finished"]
"""The states in which a run neither waits nor trains."""


@dataclass(frozen=True)
class Run:
    """A run as it was when it was read; times are UTC.

    `id` is its row in the database, used in links; `number`, from 1 in its workspace, is what
    people see.
    Position: `epochs` of `planned` are finished, and `step` of `steps` batches of the next one;
    `seconds` were spent training. A user's wishes while it runs: `request`, and `learning_rate` if
    it was changed. `worker` is the process that trains or trained it; `lost` counts the workers
    that died during the current epoch. `test_accuracy`, `test_loss` and `test_ece` are None before
    the evaluation. `trial` is the number, from 0, in a study; `origin` the file name of a network
    that was trained elsewhere; `made_by` the workspace of the user who made the run; `note` and
    `pinned` are for users. `weights_hash` is `utils.npz.fingerprint` of its weights, None before it
    has any.
    """

    id: int
    workspace: str
    number: int
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
    weights_hash: str | None = None

    @property
    def is_active(self) -> bool:
        """Whether it waits or trains, so that it may still change."""
        return self.state not in INACTIVE_STATES

    @property
    def sees_test(self) -> bool:
        """Whether it is evaluated on the test set: not while settings are still being chosen."""
        return self.trial is None and self.spec.training.schedule != "range_test"
