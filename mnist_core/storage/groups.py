"""Groups of runs that belong together: seeds, folds, depths, the trials of a study."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Literal, TypedDict, Unpack

import sqlalchemy as sa

from mnist_core.storage import leases, quota
from mnist_core.storage.database import Database, StoreError, database
from mnist_core.storage.runs import ColumnValue, Store
from mnist_core.storage.schema import GROUPS

Kind = Literal["reproduce", "repeat", "folds", "depth", "range_test", "study"]
State = Literal["", "running", "stopped", "finished", "failed"]


@dataclass(frozen=True)
class Group:
    """A group as it was when it was read; times are UTC.

    `settings` is JSON, different for each kind; `made_by` the workspace of the user who made it.
    Studies alone have a `state`, with its `reason`, and a `worker`, the process that advances them.
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


class GroupColumns(TypedDict, total=False):
    """Columns of a group that may be changed."""

    name: str
    state: State
    reason: str
    worker: str | None
    heartbeat_at: datetime | None


def create(store: Store, kind: Kind, name: str, settings: str = "", state: State = "") -> Group:
    """Create a group without runs; `Store.create_run` adds them.

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
    """Return a group of this workspace. Raises StoreError if there is none."""
    for group in _select(store.database, _mine(store), GROUPS.c.id == group_id):
        return group
    raise StoreError(f"there is no group {group_id} here: look at the list for its number")


def list_groups(store: Store, kind: Kind) -> list[Group]:
    """Return all groups of a kind in this workspace, the newest first."""
    return _select(store.database, _mine(store), GROUPS.c.kind == kind)


def running_studies(url: str) -> list[Group]:
    """Return the running studies of all workspaces, the oldest first."""
    wanted = (GROUPS.c.kind == "study") & (GROUPS.c.state == "running")
    return _select(database(url), wanted)[::-1]


def update_if(
    store: Store, group: Group, expected: Mapping[str, ColumnValue], **columns: Unpack[GroupColumns]
) -> bool:
    """Change columns if others have the expected values; return whether they had them."""
    if "workspace" in columns:
        raise StoreError("a group stays in its workspace: create another group in the other one")
    this = GROUPS.c.id == group.id, _mine(store)
    with store.database.write() as connection:
        return leases.update_if(connection, GROUPS, this, expected, columns)


def delete(store: Store, group_id: int) -> None:
    """Delete a group with all its runs, for good."""
    find(store, group_id)
    mine = GROUPS.c.id == group_id, _mine(store)  # SQLite may have reused its number since
    with store.database.write() as connection:
        connection.execute(sa.delete(GROUPS).where(*mine))


def _mine(store: Store) -> sa.ColumnElement[bool]:
    return GROUPS.c.workspace == store.workspace


def _select(source: Database, *wanted: sa.ColumnElement[bool]) -> list[Group]:
    columns = [GROUPS.c[field.name] for field in fields(Group)]
    query = sa.select(*columns).where(*wanted).order_by(GROUPS.c.id.desc())
    with source.read() as connection:
        return [Group(*row) for row in connection.execute(query)]
