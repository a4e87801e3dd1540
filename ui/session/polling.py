"""Polling of runs that wait or train; all pages poll through this module.

Everything that shows an active run reads it here. Parts drawn at the same moment share one query,
and the batches of finished epochs are read only once.
"""

import time
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from mnist_core.evaluation.run import Request, Run
from mnist_core.execution import queue
from ui.session import cache, state

SAME_MOMENT_S = 0.5
"""Runs read within this many seconds are not read again."""

_MOVING, _BATCHES = "polling_moving", "polling_batches"


@dataclass(frozen=True)
class _Moving:
    """The runs that waited or trained at some time, newest first. read_at: of a monotonic clock."""

    read_at: float
    runs: list[Run]


@dataclass(frozen=True)
class _Batches:
    """Loss and accuracy of the batches of a run's finished epochs: float32 (steps,).

    of: id and creation time of the run, since a replaced database uses the same ids again.
    """

    of: tuple[int, datetime]
    loss: np.ndarray
    accuracy: np.ndarray


def moving() -> list[Run]:
    """Return the runs of the open workspace that wait or train, newest first."""
    seen: _Moving | None = state.get(_MOVING, None)
    if seen is None or time.monotonic() - seen.read_at > SAME_MOMENT_S:
        seen = _Moving(time.monotonic(), cache.store().active_runs())
        state.put(_MOVING, seen)
    return seen.runs


def run(run_id: int) -> Run:
    """Return a run as it is now. Raises StoreError if it is gone."""
    found = next((run for run in moving() if run.id == run_id), None)
    return found or cache.store().run(run_id)


def forget() -> None:
    """Read again at the next call: at the start of a page, and after a change of a run."""
    state.pop(_MOVING)


def request(run: Run, what: Request) -> None:
    """Ask a run to pause or stop."""
    queue.send_request(cache.store(), run.id, what)
    forget()


def update(run: Run, learning_rate: float) -> None:
    """Set the learning rate of a run from its next epoch on."""
    cache.store().update(run.id, learning_rate=learning_rate)
    forget()


def batches(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Return loss and accuracy of every batch of a run: two float32 arrays (steps,).

    Batches of finished epochs are read once. Those of the epoch in progress are read each time,
    since they may be dropped and trained again.
    """
    known: _Batches | None = state.get(_BATCHES, None)
    of = (run.id, run.created_at)
    if known is None or known.of != of:
        known = _Batches(of, *2 * [np.empty(0, np.float32)])
    finished = run.epochs * run.steps
    loss, accuracy = known.loss[:finished], known.accuracy[:finished]
    new_loss, new_accuracy = cache.store().batches(run.id, from_step=len(loss))
    loss, accuracy = np.concatenate([loss, new_loss]), np.concatenate([accuracy, new_accuracy])
    kept = _Batches(of, loss[:finished], accuracy[:finished])
    state.put(_BATCHES, kept)
    return loss, accuracy
