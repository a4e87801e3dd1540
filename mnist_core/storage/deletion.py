"""Deleting runs for good, with their curves, weights and results."""

from collections.abc import Iterable

import sqlalchemy as sa

from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import GROUPS, RUNS
from mnist_core.utils.text import plural


def delete(store: Store, run_ids: Iterable[int]) -> int:
    """Delete runs, all or none, and return how many; a run that trains ends at its next record.

    Raises StoreError if one is not in this workspace, is pinned, or belongs to a running study,
    which waits for it.
    """
    wanted = sorted(set(run_ids))
    with store.database.write() as connection:
        _check(connection, store, wanted)
        connection.execute(sa.delete(RUNS).where(*_mine(store, wanted)))
    return len(wanted)


def _check(connection: sa.Connection, store: Store, wanted: list[int]) -> None:
    """Raise StoreError on a run that cannot be deleted."""
    joined = RUNS.outerjoin(GROUPS, GROUPS.c.id == RUNS.c.group_id)
    searching = (GROUPS.c.kind == "study") & (GROUPS.c.state == "running")
    query = sa.select(
        RUNS.c.id, RUNS.c.number, RUNS.c.pinned, sa.func.coalesce(searching, sa.false())
    )
    rows = connection.execute(query.select_from(joined).where(*_mine(store, wanted))).all()
    if missing := sorted(set(wanted) - {row[0] for row in rows}):
        raise StoreError(
            f"only your own runs can be deleted, and {len(missing)} of these "
            f"{'is' if len(missing) == 1 else 'are'} not yours: leave out examples, other people's "
            "runs, and runs that are already deleted"
        )
    if pinned := [number for _, number, is_pinned, _ in rows if is_pinned]:
        raise StoreError(
            f"a pinned run cannot be deleted; {_name(pinned)} is pinned: unpin it first, or leave "
            "it out"
        )
    if trials := [number for _, number, _, is_searching in rows if is_searching]:
        raise StoreError(
            f"a running study needs all of its runs; {_name(trials)} is one of them: stop the "
            "study first, on the Tune page"
        )


def _name(numbers: list[int]) -> str:
    more = f" (and {plural(len(numbers) - 1, 'other')})" if len(numbers) > 1 else ""
    return f"run {min(numbers)}{more}"


def _mine(store: Store, run_ids: list[int]) -> tuple[sa.ColumnElement[bool], ...]:
    return RUNS.c.id.in_(run_ids), RUNS.c.workspace == store.workspace
