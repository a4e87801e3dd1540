"""The queue of runs: a run waits until a process claims it, and waits again if that process dies.

All of it is in the database, so that pages, the command line and several servers agree.
"""

import heapq
import logging
from collections.abc import Container
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, NamedTuple

import sqlalchemy as sa

from mnist_core.evaluation.run import INACTIVE_STATES, Request, Run
from mnist_core.storage import quota
from mnist_core.storage.database import StoreError, database, default_url
from mnist_core.storage.leases import is_abandoned, lease, this_process
from mnist_core.storage.runs import Store, parse_spec
from mnist_core.storage.schema import RUNS
from mnist_core.training import estimate
from mnist_core.training.estimate import Speed
from mnist_core.utils.server_settings import server_settings

LOSSES = 2
"""A run has failed when this many workers have died in one of its epochs."""

logger = logging.getLogger(__name__)


def claim(
    store: Store, run_id: int, only_queued: bool = False, again: datetime | None = None
) -> Run:
    """Claim a run for this process, whatever its state, unless another process trains it.

    only_queued: claim it from the queue or not at all. again: the time of an earlier attempt, which
    may have been written though its answer was lost. Raises StoreError for a run that cannot be
    claimed.
    """
    now = again or datetime.now(UTC)
    mine = lease() | {"state": "running", "started_at": now}
    if store.change(run_id, {"state": "queued"}, **mine):  # with a request that it brings
        return store.run(run_id)
    run = store.run(run_id)
    if again and (run.state, run.worker, run.started_at) == ("running", this_process(), again):
        return run
    if only_queued:
        raise StoreError(f"run {run.number} is {run.state} and not in the queue: queue it again")
    mine["request"] = None
    if _change_resting(store, run_id, **mine, reason=""):
        return store.run(run_id)
    if run.trial is not None and run.state in INACTIVE_STATES:
        raise StoreError(
            f"run {run.number} is a trial that is over ({run.state}), and its study counts its "
            "result: train its settings as a new run"
        )
    held = {"state": "running", "worker": run.worker}
    if is_abandoned(run) and store.change(run_id, held, **mine, reason="", seconds=_seconds(run)):
        return store.run(run_id)
    raise StoreError(
        f"run {run.number} is being trained by another process ({run.worker}): wait for it, or "
        "stop it"
    )


def enqueue(store: Store, run_id: int) -> None:
    """Put a run that neither waits nor trains at the end of the queue; leave others as they are.

    A trial that is over stays as it is too: its study counts its result. Raises QuotaError over
    the limits of a hosted server.
    """
    run = store.run(run_id)
    queued = {"state": "queued", "reason": "", "request": None, "lost": 0}
    queued |= {"queued_at": datetime.now(UTC)}
    if run.trial is not None:
        store.change(run_id, {"state": "paused"}, **queued)
        return

    def check(connection: sa.Connection) -> None:
        quota.admit_requeued(connection, store.workspace, run.seconds)

    store.change(run_id, {"state": INACTIVE_STATES}, check, **queued)


def _change_resting(store: Store, run_id: int, **columns: Any) -> bool:
    """Change columns of a run that neither waits nor trains; of a trial only if it is paused."""
    return store.change(run_id, {"state": "paused"}, **columns) or store.change(
        run_id, {"state": INACTIVE_STATES, "trial": None}, **columns
    )


def send_request(store: Store, run_id: int, request: Request) -> None:
    """Stop or pause a run: at once if it waits, else as soon as its process reads the request.

    A paused run that is to stop waits for a process, which evaluates it as it is; one that has not
    begun stops at once.
    """
    at_once = "paused" if request == "pause" else "stopped"
    if store.change(run_id, {"state": "queued"}, state=at_once):
        return
    if not store.change(run_id, {"state": "running"}, request=request) and request == "stop":
        paused = {"state": "paused", "trial": None}
        ends = {"state": "queued", "request": request, "queued_at": datetime.now(UTC)}
        if not store.change(run_id, paused | {"epochs": 0, "step": 0}, state=at_once):
            store.change(run_id, paused, **ends)


def requeue(store: Store, run: Run) -> None:
    """Queue a run again whose process the engine itself has ended."""
    reason = f"the server was stopped; it resumes from the end of epoch {run.epochs}"
    held = {"state": "running", "worker": run.worker}
    store.change(run.id, held, state="queued", reason=reason, eta_s=None, seconds=_seconds(run))


def record_worker_loss(store: Store, run: Run) -> None:
    """Queue a run again whose process is dead; fail it after LOSSES in one epoch."""
    left: dict[str, Any]
    if run.request:
        state = "paused" if run.request == "pause" else "stopped"
        left = {"state": state, "reason": "its worker process died", "request": None}
    elif run.lost + 1 >= LOSSES:
        left = {
            "state": "failed",
            "reason": f"its worker process died {LOSSES} times in epoch {run.epochs + 1}, most "
            "likely out of memory: its earlier epochs are kept; try a smaller network or "
            "a smaller batch_size",
        }
    else:
        left = {
            "state": "queued",
            "reason": "its worker process died (killed, or out of memory); it resumes from the end "
            f"of epoch {run.epochs}",
        }
    held = {"state": "running", "worker": run.worker}
    store.change(run.id, held, **left, lost=run.lost + 1, eta_s=None, seconds=_seconds(run))


def _seconds(run: Run) -> float:
    """Return the seconds a run had trained when its dead process last reported.

    A process adds its own time to `seconds` when it ends, if it lives that long.
    """
    if run.started_at is None or run.heartbeat_at is None:
        return run.seconds
    return run.seconds + max(0.0, (run.heartbeat_at - run.started_at).total_seconds())


def recover_abandoned(url: str, gone: Container[str] = ()) -> None:
    """Apply `record_worker_loss` to all runs whose processes are dead. gone: known to be dead."""
    for workspace, run_id in running(url):
        store = Store(workspace, url)
        with suppress(StoreError):  # it was deleted just now
            run = store.run(run_id)
            if run.state == "running" and is_abandoned(run, gone):
                logger.warning("Run %d lost its worker process", run_id)
                record_worker_loss(store, run)


def waiting(url: str | None = None) -> list[tuple[str, int]]:
    """Return (workspace, run id) of all queued runs of all workspaces, the next one first.

    Workspaces take turns, beginning with the one that was served longest ago; within a workspace
    runs go in the order of queueing.
    """
    of_one = {"partition_by": RUNS.c.workspace, "order_by": [RUNS.c.queued_at, RUNS.c.id]}
    turn = sa.func.row_number().over(**of_one).label("turn")
    queued = sa.select(*_PLACE, turn).where(RUNS.c.state == "queued").subquery()
    # After the clock was set back, times in the future say nothing about whose turn it is.
    past = RUNS.c.workspace == queued.c.workspace, RUNS.c.started_at <= datetime.now(UTC)
    served = sa.select(sa.func.max(RUNS.c.started_at)).where(*past).scalar_subquery()
    order = queued.c.turn, served.nulls_first(), queued.c.queued_at, queued.c.id
    return _all(sa.select(queued.c.workspace, queued.c.id).order_by(*order), url)


def running(url: str | None = None) -> list[tuple[str, int]]:
    """Return (workspace, run id) of all runs in training, of all workspaces."""
    return _all(sa.select(RUNS.c.workspace, RUNS.c.id).where(RUNS.c.state == "running"), url)


_PLACE = (RUNS.c.workspace, RUNS.c.id, RUNS.c.queued_at)


def _all(query: sa.Select, url: str | None) -> list[tuple[str, int]]:
    with database(url or default_url()).read() as connection:
        return [(workspace, run_id) for workspace, run_id in connection.execute(query)]


class Position(NamedTuple):
    """The place of a queued run, 1 for the next one, and about how long it waits.

    Of a run that does not wait, the place is 0; seconds_to_start is None if that is not known.
    """

    place: int
    seconds_to_start: float | None


def position(run: Run, speed: Speed | None, places: int) -> Position:
    """Return the position of a run in the queue.

    speed: of training here, None if not known; places: runs that can train at once. The time of
    each run before it is what its process reports, or an estimate.
    """
    order, sought = waiting(), (run.workspace, run.id)
    if sought not in order:
        return Position(0, None)
    before = [run_id for _, run_id in order[: order.index(sought)]]
    return Position(len(before) + 1, None if speed is None else _wait(before, speed, places))


def _wait(before: list[int], speed: Speed, places: int) -> float | None:
    """Return the seconds until a place is free for the run that comes after these of the queue."""
    which = (RUNS.c.state == "running") | RUNS.c.id.in_(before)
    with database(default_url()).read() as connection:
        rows = connection.execute(sa.select(*_PROGRESS).where(which)).all()
    left = {row.id: _seconds_left(row, speed) for row in rows}
    training = [left[row.id] for row in rows if row.state == "running"]
    queued = [left[run_id] for run_id in before if run_id in left]  # one may be gone
    if None in left.values():
        return None
    free_in = [seconds for seconds in training if seconds is not None]
    free_in += [0.0] * (places - len(free_in))
    heapq.heapify(free_in)
    for seconds in queued:
        heapq.heappush(free_in, heapq.heappop(free_in) + (seconds or 0.0))
    return free_in[0]


_PROGRESS = [
    RUNS.c[name]
    for name in ("id", "state", "request", "spec", "eta_s", "planned", "epochs", "seconds")
]


def _seconds_left(row: sa.Row[Any], speed: Speed) -> float | None:
    """Return the time that a run of the queue or in training still takes, None if unknown."""
    if row.state == "running" and row.eta_s is not None:
        return row.eta_s
    spec = parse_spec(row.spec)
    if not estimate.is_complete(spec, speed):
        return None
    if row.request == "stop":
        return 0.0  # it reads the test images, and trains no more
    epochs = row.planned - row.epochs
    left = estimate.seconds(spec, speed) * epochs / spec.training.epochs
    settings = server_settings()
    return max(0.0, min(left, settings.max_seconds - row.seconds)) if settings.hosted else left
