"""Runs that belong together: seeds, folds, depths, the trials of a study."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa

from mnist_core.storage import quota
from mnist_core.storage.database import Database, StoreError, database
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import GROUPS

Kind = Literal["reproduce", "repeat", "folds", "depth", "range_test", "study"]
State = Literal["", "running", "stopped", "finished", "failed"]


@dataclass(frozen=True)
class Group:
    """A group as it was when it was read; times are UTC.

    `settings` is what its kind needs, as JSON; `made_by` the own workspace of who made it; `state`
    is that of a study, empty for others, with the reason; `worker` is the process that looks after
    a study.
    """

    id: int
    workspace: str
    kind: Kind
    name: str
    settings: str
    made_by: str
    state: State
    reason: str
    worker: str | None
    heartbeat_at: datetime | None
    created_at: datetime


def create(store: Store, kind: Kind, name: str, settings: str = "", state: State = "") -> Group:
    """A new group, still without runs: `Store.create_run` puts them in.

    Raises QuotaError over what a hosted server allows.
    """
    row = {
        "workspace": store.workspace,
        "made_by": store.visitor,
        "kind": kind,
        "name": name,
        "settings": settings,
        "state": state,
        "created_at": datetime.now(UTC),
    }
    with store.database.write() as connection:
        quota.admit_group(connection, store.workspace, state == "running")
        insert = sa.insert(GROUPS).values(row).returning(GROUPS.c.id)
        group_id = connection.execute(insert).scalar_one()
    return find(store, group_id)


def find(store: Store, group_id: int) -> Group:
    """One group of this workspace. Raises StoreError where there is none."""
    for group in _select(store.database, _of(store), GROUPS.c.id == group_id):
        return group
    raise StoreError(f"there is no group {group_id} here: look at the list for its number")


def listed(store: Store, kind: Kind) -> list[Group]:
    """All groups of a kind, the newest first."""
    return _select(store.database, _of(store), GROUPS.c.kind == kind)


def searching(url: str) -> list[Group]:
    """The studies of all workspaces that are to be looked after, the oldest first."""
    wanted = (GROUPS.c.kind == "study") & (GROUPS.c.state == "running")
    return _select(database(url), wanted)[::-1]


def change(store: Store, group: Group, expected: dict[str, Any], **columns: Any) -> bool:
    """Change columns only while others hold what is expected; returns whether they did."""
    if "workspace" in columns:
        raise StoreError("a group stays in its workspace: make another one in the other one")
    found = [GROUPS.c[name] == value for name, value in expected.items()]
    mine = GROUPS.c.id == group.id, _of(store)
    with store.database.write() as connection:
        update = sa.update(GROUPS).where(*mine, *found).values(columns)
        return bool(connection.execute(update).rowcount)


def delete(store: Store, group_id: int) -> None:
    """Remove a group with all its runs, for good."""
    find(store, group_id)
    mine = GROUPS.c.id == group_id, _of(store)  # SQLite may give its number to somebody else now
    with store.database.write() as connection:
        connection.execute(sa.delete(GROUPS).where(*mine))


def _of(store: Store) -> sa.ColumnElement[bool]:
    return GROUPS.c.workspace == store.workspace


def _select(where: Database, *wanted: sa.ColumnElement[bool]) -> list[Group]:
    columns = [GROUPS.c[field.name] for field in fields(Group)]
    query = sa.select(*columns).where(*wanted).order_by(GROUPS.c.id.desc())
    with where.read() as connection:
        return [Group(*row) for row in connection.execute(query)]
