"""Jobs: work on a trained run that takes seconds, such as its t-SNE map.

A job is a row of the database beside its run, so that every page sees the same. Its result is an
artifact of the run: once that is stored, the row is deleted. To cancel a job is to delete its row.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Literal

import numpy as np
import sqlalchemy as sa

from mnist_core.evaluation.run import Run
from mnist_core.storage.database import Database, StoreError, database
from mnist_core.storage.leases import is_abandoned, lease, this_process, update_if
from mnist_core.storage.runs import Store, called
from mnist_core.storage.schema import ARTIFACTS, JOBS, RUNS
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.npz import pack, unpack

NAMES = ("embedding", "tsne", "robustness", "suspects")

Tell = Callable[[float], None]
"""A job calls it with the share that is done, in [0, 1]; it raises where the job was cancelled."""

_VERSION = "version"


@dataclass(frozen=True)
class Job:
    """A job that waits, runs or has failed; `done` is its share in [0, 1], `reason` why it failed.

    `worker` is the process that runs it, `asked_by` the workspace that asked; times are UTC.
    """

    run_id: int
    name: str
    state: Literal["queued", "running", "failed"]
    done: float
    reason: str
    worker: str | None
    heartbeat_at: datetime | None
    asked_at: datetime
    asked_by: str


def result(store: Store, run: Run, name: str) -> dict[str, np.ndarray] | None:
    """Return the result of a job for the present weights of a run, arrays by name; None without."""
    data = store.get(run.id, _artifact(name))
    arrays = unpack(data) if data else {}
    return arrays if arrays.pop(_VERSION, None) == run.seconds else None


def enqueue(store: Store, run_id: int, name: str) -> None:
    """Queue one of NAMES; a job that waits or runs stays as it is.

    Raises StoreError on an unknown run or job.
    """
    store.run(run_id)
    if name not in NAMES:
        raise StoreError(f"there is no job {name!r:.40}: ask for one of {', '.join(NAMES)}")
    row = {"run_id": run_id, "name": name, "state": "queued", "done": 0.0, "reason": ""}
    row["asked_by"] = store.workspace
    with store.database.write() as connection:
        # PostgreSQL lets two ask at once: one waits here for the other.
        connection.execute(sa.select(RUNS.c.id).where(RUNS.c.id == run_id).with_for_update())
        connection.execute(sa.delete(JOBS).where(*_is(run_id, name), JOBS.c.state == "failed"))
        if connection.scalar(sa.select(JOBS.c.state).where(*_is(run_id, name))) is None:
            connection.execute(sa.insert(JOBS).values(row | {"asked_at": datetime.now(UTC)}))


def cancel(store: Store, run_id: int, name: str) -> None:
    """Delete a job; the worker that runs it stops when it next reports.

    Raises StoreError on a job that another workspace asked for: examples are everybody's.
    """
    found = find(store, run_id, name)
    if found and found.asked_by != store.workspace:
        raise StoreError(
            f"a job can be canceled only by the person who asked for it; somebody else asked for "
            f"{name!r} of {called(store.run(run_id))}: wait until it is done"
        )
    with store.database.write() as connection:
        connection.execute(sa.delete(JOBS).where(*_is(run_id, name)))


def find(store: Store, run_id: int, name: str) -> Job | None:
    """Return a job as it is now; None if nobody asked for it, or it is done."""
    store.run(run_id)
    with store.database.read() as connection:
        row = connection.execute(sa.select(*_COLUMNS).where(*_is(run_id, name))).one_or_none()
    return Job(*row) if row else None


def find_all(store: Store, name: str) -> dict[int, Job]:
    """Return all jobs of a name as they are now, by run, in one query."""
    query = sa.select(*_COLUMNS).select_from(JOBS.join(RUNS, RUNS.c.id == JOBS.c.run_id))
    with store.database.read() as connection:
        rows = connection.execute(query.where(_in_sight(store), JOBS.c.name == name))
        return {row.run_id: Job(*row) for row in rows}


def runs_with_result(store: Store, name: str) -> set[int]:
    """Return the runs that have a result of a job, perhaps of earlier weights."""
    query = sa.select(ARTIFACTS.c.run_id).select_from(
        ARTIFACTS.join(RUNS, RUNS.c.id == ARTIFACTS.c.run_id)
    )
    with store.database.read() as connection:
        found = query.where(_in_sight(store), ARTIFACTS.c.name == _artifact(name))
        return set(connection.scalars(found))


def claim(store: Store, run_id: int, name: str) -> bool:
    """Claim a queued job for this process; False if it is gone or another process has it."""
    which, mine = _own(store, run_id, name), lease() | {"state": "running"}
    return _change(store.database, which, {"state": "queued"}, **mine)


def report(store: Store, run_id: int, name: str, done: float) -> bool:
    """Record the progress of this process's job; False if it was cancelled. done: in [0, 1]."""
    which, mine = _own(store, run_id, name), lease() | {"done": done}
    return _change(store.database, which, _mine(), **mine)


def store_result(store: Store, run: Run, name: str, arrays: dict[str, np.ndarray]) -> None:
    """Store the result of this process's job with the run, unless it was cancelled."""
    if report(store, run.id, name, 1.0):
        store.put(run.id, _artifact(name), pack(arrays | {_VERSION: np.asarray(run.seconds)}))
        with store.database.write() as connection:
            done = [JOBS.c[column] == value for column, value in _mine().items()]
            connection.execute(sa.delete(JOBS).where(*_is(run.id, name), *done))


def fail(store: Store, run_id: int, name: str, reason: str) -> None:
    """Fail the job of this process. reason: for people."""
    _change(store.database, _own(store, run_id, name), _mine(), state="failed", reason=reason)


def fail_abandoned(url: str, gone: Container[str] = ()) -> None:
    """Fail the jobs whose processes are dead. gone: known to be dead.

    They are not started again: one that took too much memory would end more trainings.
    """
    reason = (
        "its worker process ended (out of memory, killed, or the server stopped): nothing else is "
        "lost, so try again"
    )
    for _, job in _all("running", url):
        if is_abandoned(job, gone):
            held = {"state": "running", "worker": job.worker}
            which = _is(job.run_id, job.name)
            _change(database(url), which, held, state="failed", reason=reason)


def fail_untouched(url: str, job: Job) -> None:
    """Fail a job that its worker gave back untouched; it would be handed out forever."""
    reason = "it ended without a result: does its worker use the same MNIST_DATABASE_URL?"
    same = {"state": "queued", "asked_at": job.asked_at}
    _change(database(url), _is(job.run_id, job.name), same, state="failed", reason=reason)


def waiting(url: str) -> list[tuple[str, Job]]:
    """Return all queued jobs with the workspaces of their runs, the oldest first."""
    return _all("queued", url)


_COLUMNS = [JOBS.c[field.name] for field in fields(Job)]


def _artifact(name: str) -> str:
    return f"insight/{name}"


def _in_sight(store: Store) -> sa.ColumnElement[bool]:
    return RUNS.c.workspace.in_((store.workspace, EXAMPLES))


def _is(run_id: int, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    return JOBS.c.run_id == run_id, JOBS.c.name == name


def _own(store: Store, run_id: int, name: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Conditions for a job of a run of this workspace, for the process that runs it."""
    runs = sa.select(RUNS.c.id).where(RUNS.c.workspace == store.workspace)
    return *_is(run_id, name), JOBS.c.run_id.in_(runs)


def _mine() -> dict[str, object]:
    return {"state": "running", "worker": this_process()}


def _all(state: str, url: str) -> list[tuple[str, Job]]:
    joined = JOBS.join(RUNS, RUNS.c.id == JOBS.c.run_id)
    query = sa.select(RUNS.c.workspace, *_COLUMNS).select_from(joined)
    query = query.where(JOBS.c.state == state).order_by(JOBS.c.asked_at)
    with database(url).read() as connection:
        return [(workspace, Job(*row)) for workspace, *row in connection.execute(query)]


def _change(
    where: Database,
    which: tuple[sa.ColumnElement[bool], ...],
    expected: Mapping[str, object],
    **columns: object,
) -> bool:
    """Change columns only while others hold what is expected; return whether they did."""
    with where.write() as connection:
        return update_if(connection, JOBS, which, expected, columns)
