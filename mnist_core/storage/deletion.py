"""Deleting runs, and undoing the last deletion.

A deleted run stays in the database, hidden, until the next deletion. If it was training, it is
requested to stop; if it was waiting, it leaves the queue. Undo brings such runs back as stopped,
with their weights, and paused trials too.
"""

from collections.abc import Iterable
from datetime import UTC, datetime

import sqlalchemy as sa

from mnist_core.storage import quota
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import GROUPS, RUNS
from mnist_core.utils.text import plural

_BACK = "it was deleted before its end and brought back"


def delete(store: Store, run_ids: Iterable[int]) -> int:
    """Delete runs, all or none, and return how many; runs deleted earlier are removed for good.

    Raises StoreError if one is not in this workspace, is pinned, or belongs to a running study,
    which waits for it.
    """
    wanted = sorted(set(run_ids))
    now = datetime.now(UTC)
    with store.database.write() as connection:
        _check(connection, store, wanted)
        if wanted:
            connection.execute(sa.delete(RUNS).where(*_deleted(store)))
        for state, columns in (
            ("queued", {"state": "stopped", "reason": _BACK}),
            ("running", {"request": "stop"}),
        ):
            held = sa.update(RUNS).where(*_mine(store, wanted), RUNS.c.state == state)
            connection.execute(held.values(columns))
        connection.execute(sa.update(RUNS).where(*_mine(store, wanted)).values(deleted_at=now))
    return len(wanted)


def last_deleted(store: Store) -> list[int]:
    """Return the ids of the runs that `undo` would bring back."""
    query = sa.select(RUNS.c.id).where(*_deleted(store)).order_by(RUNS.c.id)
    with store.database.read() as connection:
        return list(connection.scalars(query))


def undo(store: Store) -> int:
    """Bring back the runs that were deleted last, and return how many.

    Raises QuotaError if a hosted server has no room for them any more.
    """
    # Its worker could not find the deleted run to evaluate it, and recorded a failure.
    cut_off = (RUNS.c.state == "failed") & (RUNS.c.finished_at > RUNS.c.deleted_at)
    # Its study may have continued without it.
    left_behind = (RUNS.c.state == "paused") & RUNS.c.trial.is_not(None)
    count = sa.select(sa.func.count()).select_from(RUNS).where(*_deleted(store))
    with store.database.write() as connection:
        quota.admit_restored(connection, store.workspace, connection.scalar(count) or 0)
        stopped = sa.update(RUNS).where(*_deleted(store), cut_off | left_behind)
        connection.execute(stopped.values(state="stopped", reason=_BACK))
        back = sa.update(RUNS).where(*_deleted(store)).values(deleted_at=None)
        return connection.execute(back).rowcount


def _check(connection: sa.Connection, store: Store, wanted: list[int]) -> None:
    """Raise StoreError on a run that cannot be deleted."""
    joined = RUNS.outerjoin(GROUPS, GROUPS.c.id == RUNS.c.group_id)
    searching = (GROUPS.c.kind == "study") & (GROUPS.c.state == "running")
    query = sa.select(RUNS.c.id, RUNS.c.pinned, sa.func.coalesce(searching, sa.false()))
    rows = connection.execute(query.select_from(joined).where(*_mine(store, wanted))).all()
    if missing := sorted(set(wanted) - {row[0] for row in rows}):
        raise StoreError(
            f"only runs of yours can be deleted; {_name(missing)} is none: it is an example, or "
            "somebody else's, or already deleted, so leave it out"
        )
    if pinned := [run_id for run_id, is_pinned, _ in rows if is_pinned]:
        raise StoreError(
            f"a pinned run cannot be deleted; {_name(pinned)} is pinned: unpin it first, or leave "
            "it out"
        )
    if trials := [run_id for run_id, _, is_searching in rows if is_searching]:
        raise StoreError(
            f"a study that goes on needs all of its runs; {_name(trials)} is one of them: stop the "
            "study first, on the page Tune"
        )


def _name(run_ids: list[int]) -> str:
    more = f" (and {plural(len(run_ids) - 1, 'other')})" if len(run_ids) > 1 else ""
    return f"run {run_ids[0]}{more}"


def _mine(store: Store, run_ids: list[int]) -> tuple[sa.ColumnElement[bool], ...]:
    kept = RUNS.c.deleted_at.is_(None)
    return RUNS.c.id.in_(run_ids), RUNS.c.workspace == store.workspace, kept


def _deleted(store: Store) -> tuple[sa.ColumnElement[bool], ...]:
    return RUNS.c.workspace == store.workspace, RUNS.c.deleted_at.is_not(None)
