"""The digits that a class writes: each with its label, its writer's number, and its image."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mnist_core.dataset.digit_set import DigitSet
from mnist_core.dataset.mnist import SIDE
from mnist_core.storage import quota
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import COLLECTIONS, HANDWRITING, next_writer
from mnist_core.utils.errors import MnistError

AT_ONCE = 1000  # ids in a statement; databases take some ten thousand


class CollectionError(MnistError):
    """A digit that cannot be saved because the collection is closed."""


@dataclass(frozen=True, eq=False)
class Sample:
    """A digit of a class.

    writer: a number from 1, one per person and workspace; made_by: that person's own workspace,
    which only the server knows; label: the digit that was asked for; image: (28, 28) uint8, as a
    network gets it.
    """

    id: int
    writer: int
    made_by: str
    label: int
    image: np.ndarray


def add(store: Store, made_by: str, label: int, image: np.ndarray, drawing: bytes) -> Sample:
    """Save a digit and return it; a person's first digit gives that person the next number.

    image: (28, 28) uint8, ink bright; drawing: the picture as drawn, a PNG. Raises CollectionError
    while the collection is closed, QuotaError over what a hosted server allows.
    """
    row = {
        "workspace": store.workspace,
        "made_by": made_by,
        "label": label,
        "image": image.tobytes(),
        "drawing": drawing,
        "created_at": datetime.now(UTC),
    }
    mine = HANDWRITING.c.workspace == store.workspace
    with store.database.write() as connection:
        quota.one_at_a_time(connection)
        if not _is_open(connection, store.workspace):
            raise CollectionError("the collection is closed: ask your teacher to reopen it")
        quota.admit_digit(connection, store.workspace, made_by)
        known = sa.select(HANDWRITING.c.writer).where(mine, HANDWRITING.c.made_by == made_by)
        writer = connection.scalar(known.limit(1))
        row["writer"] = writer or next_writer(connection, store.workspace)
        insert = sa.insert(HANDWRITING).values(row).returning(HANDWRITING.c.id)
        sample_id = connection.execute(insert).scalar_one()
    return Sample(sample_id, row["writer"], made_by, label, image)


def add_set(store: Store, name: str, digits: DigitSet) -> int:
    """Save all digits of a set, each of its writers as a new one; return how many digits.

    name: tells its writers from those of other sets. Raises QuotaError over what a hosted server
    allows; nothing is saved then.
    """
    with store.database.write() as connection:
        quota.one_at_a_time(connection)
        quota.admit_digits(connection, store.workspace, len(digits.labels))
        now = datetime.now(UTC)
        for writer in np.unique(digits.writers):
            own = np.flatnonzero(digits.writers == writer)
            made_by, number = f"{name}/{writer}", next_writer(connection, store.workspace)
            rows = [
                {
                    "workspace": store.workspace,
                    "writer": number,
                    "made_by": made_by,
                    "label": int(digits.labels[at]),
                    "image": digits.images[at].tobytes(),
                    "drawing": digits.drawings[at],
                    "created_at": now,
                }
                for at in own
            ]
            connection.execute(sa.insert(HANDWRITING), rows)
    return len(digits.labels)


def samples(store: Store, after: int = 0, made_by: str | None = None) -> list[Sample]:
    """Return the digits of the workspace with an id above `after`, the oldest first.

    made_by: of this person alone.
    """
    columns = (HANDWRITING.c[name] for name in ("id", "writer", "made_by", "label", "image"))
    query = sa.select(*columns).where(
        HANDWRITING.c.workspace == store.workspace, HANDWRITING.c.id > after
    )
    if made_by is not None:
        query = query.where(HANDWRITING.c.made_by == made_by)
    with store.database.read() as connection:
        rows = connection.execute(query.order_by(HANDWRITING.c.id)).all()
    return [
        Sample(
            row.id,
            row.writer,
            row.made_by,
            row.label,
            np.frombuffer(row.image, np.uint8).reshape(SIDE, SIDE),
        )
        for row in rows
    ]


def ids(store: Store) -> list[int]:
    """Return the ids of the digits of the workspace, the oldest first."""
    query = sa.select(HANDWRITING.c.id).where(HANDWRITING.c.workspace == store.workspace)
    with store.database.read() as connection:
        return list(connection.scalars(query.order_by(HANDWRITING.c.id)))


def drawings(store: Store) -> dict[int, bytes]:
    """Return the pictures as drawn, PNG, by the ids of their digits."""
    query = sa.select(HANDWRITING.c.id, HANDWRITING.c.drawing)
    with store.database.read() as connection:
        rows = connection.execute(query.where(HANDWRITING.c.workspace == store.workspace)).all()
    return {row.id: row.drawing for row in rows}


def remove(store: Store, sample_ids: Iterable[int], made_by: str | None = None) -> int:
    """Delete digits of the workspace for good; return how many.

    made_by: leave those of other people alone.
    """
    wanted, removed = list(sample_ids), 0
    which = [HANDWRITING.c.workspace == store.workspace]
    if made_by is not None:
        which.append(HANDWRITING.c.made_by == made_by)
    with store.database.write() as connection:
        for start in range(0, len(wanted), AT_ONCE):
            some = HANDWRITING.c.id.in_(wanted[start : start + AT_ONCE])
            removed += connection.execute(sa.delete(HANDWRITING).where(*which, some)).rowcount
    return removed


def is_open(store: Store) -> bool:
    """Return whether the workspace takes digits."""
    with store.database.read() as connection:
        return _is_open(connection, store.workspace)


def set_open(store: Store, is_open: bool) -> None:
    """Open or close the collection of the workspace."""
    with store.database.write() as connection:
        dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
        row = {"workspace": store.workspace, "is_open": is_open}
        insert = dialect.insert(COLLECTIONS).values(row)
        change = insert.on_conflict_do_update(
            index_elements=["workspace"], set_={"is_open": is_open}
        )
        connection.execute(change)


def _is_open(connection: sa.Connection, workspace: str) -> bool:
    query = sa.select(COLLECTIONS.c.is_open).where(COLLECTIONS.c.workspace == workspace)
    return connection.scalar(query) is not False
