"""The digits that a class writes: each with its label, its writer's number, and its image.

A workspace has one collection of its own, and imported ones by name, such as last year's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import sqlalchemy as sa

from mnist_core.dataset.digit_set import DigitSet, is_for_testing
from mnist_core.dataset.mnist import SIDE
from mnist_core.dataset.training_set import Digits
from mnist_core.network.spec import COLLECTION_LENGTH, MAX_WRITERS, Handwriting, Split
from mnist_core.storage import learned, quota
from mnist_core.storage.learned import (
    CollectionError,
    Marks,
    image_mark,
    to_digits,
    writer_mark,
)
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import (
    COLLECTIONS,
    HANDWRITING,
    LEARNED,
    WRITERS,
    insert_into,
    next_writer,
)
from mnist_core.utils.text import one_line, short_repr

OWN = ""
"""The name of the collection into which the people of a workspace write."""

RESERVED = ("class", "our class", "our handwriting")
"""Names of the workspace's own collection, on pages and on the command line."""

AT_ONCE = 1000  # ids in a statement; databases take some ten thousand


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
    with store.database.write() as connection:
        quota.one_at_a_time(connection)
        if not _is_open(connection, store.workspace):
            raise CollectionError("the collection is closed: ask your teacher to reopen it")
        quota.admit_digit(connection, store.workspace, made_by)
        row["writer"] = _number(connection, store.workspace, made_by)
        insert = sa.insert(HANDWRITING).values(row).returning(HANDWRITING.c.id)
        sample_id = connection.execute(insert).scalar_one()
    return Sample(sample_id, row["writer"], made_by, label, image)


def add_set(store: Store, name: str, digits: DigitSet) -> int:
    """Save all digits of a set as a collection; return how many there are.

    name: of the collection, one line of at most COLLECTION_LENGTH characters. Its writers keep
    their numbers. Raises CollectionError without a name or where it is taken, QuotaError over what
    a hosted server allows; nothing is saved then.
    """
    name = one_line(name)[:COLLECTION_LENGTH].strip()
    if not name or name.lower() in RESERVED:
        raise CollectionError(
            "an imported set needs a name of its own, other than your class's; received "
            f"{short_repr(name)}: choose another name, such as Last year"
        )
    with store.database.write() as connection:
        quota.one_at_a_time(connection)
        if connection.scalar(sa.select(HANDWRITING.c.id).where(*_of(store, name)).limit(1)):
            raise CollectionError(
                f"this workspace already has a set named {short_repr(name)}: choose another name, "
                "or delete that set first"
            )
        size = digits.images.nbytes + sum(map(len, digits.drawings))
        quota.admit_set(connection, store.workspace, len(digits.labels), size)
        now = datetime.now(UTC)
        rows = [
            {
                "workspace": store.workspace,
                "collection": name,
                "writer": int(digits.writers[at]),
                "made_by": f"{name}/{digits.writers[at]}",
                "label": int(digits.labels[at]),
                "image": digits.images[at].tobytes(),
                "drawing": digits.drawings[at],
                "created_at": now,
            }
            for at in range(len(digits.labels))
        ]
        connection.execute(sa.insert(HANDWRITING), rows)
    return len(rows)


def imported(store: Store) -> list[str]:
    """Return the names of the imported collections of the workspace, in alphabetical order."""
    query = sa.select(HANDWRITING.c.collection).distinct()
    named = HANDWRITING.c.collection != OWN
    with store.database.read() as connection:
        rows = query.where(HANDWRITING.c.workspace == store.workspace, named)
        return sorted(connection.scalars(rows))


def samples(
    store: Store, after: int = 0, made_by: str | None = None, collection: str = OWN
) -> list[Sample]:
    """Return the digits of a collection with an id above `after`, the oldest first.

    made_by: of this person alone.
    """
    columns = (HANDWRITING.c[name] for name in ("id", "writer", "made_by", "label", "image"))
    query = sa.select(*columns).where(*_of(store, collection), HANDWRITING.c.id > after)
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


def ids(store: Store, collection: str = OWN) -> list[int]:
    """Return the ids of the digits of a collection, the oldest first."""
    query = sa.select(HANDWRITING.c.id).where(*_of(store, collection))
    with store.database.read() as connection:
        return list(connection.scalars(query.order_by(HANDWRITING.c.id)))


def drawings(store: Store, collection: str = OWN) -> dict[int, bytes]:
    """Return the pictures as drawn, PNG, by the ids of their digits."""
    query = sa.select(HANDWRITING.c.id, HANDWRITING.c.drawing)
    with store.database.read() as connection:
        rows = connection.execute(query.where(*_of(store, collection))).all()
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


def choose_to_learn(store: Store, collection: str = OWN, mnist: bool = True) -> Handwriting:
    """Return the choice of a collection's training part as it is now, for a `Split`.

    The digits of some writers are kept for testing; see `dataset.digit_set.is_for_testing`.
    mnist: learn from MNIST's images, too. Raises CollectionError where fewer than two people wrote.
    """
    found = samples(store, collection=collection)
    writers = np.array([each.writer for each in found], np.int32)
    learns = ~is_for_testing(writers) if found else np.zeros(0, np.bool)
    numbers = np.unique(writers[learns]).tolist()
    if not 1 <= len(numbers) <= MAX_WRITERS:
        raise CollectionError(
            "learning from handwriting needs at least 2 writers, one of them for testing, and at "
            f"most {MAX_WRITERS:,} for training; received {len(np.unique(writers)):,}: "
            f"{'choose a smaller set' if numbers else 'ask someone else to write'}"
        )
    chosen = [each for each, learn in zip(found, learns, strict=True) if learn]
    digits = to_digits([each.image.tobytes() for each in chosen], [each.label for each in chosen])
    return Handwriting(
        images=len(chosen),
        writers=tuple(numbers),
        last=found[-1].id,
        source=digits.source,
        mnist=mnist,
        collection=collection,
    )


def learned_digits(store: Store, split: Split) -> Digits | None:
    """Return the digits of a collection that a split learns from; None for MNIST's alone.

    Raises CollectionError unless all of them are here as they were when they were chosen.
    """
    if split.handwriting is None:
        return None
    with store.database.read() as connection:
        return learned.learned_digits(connection, store.workspace, split.handwriting)


def check_learned(store: Store, split: Split) -> None:
    """Raise CollectionError unless as many digits are here as a split learns from; quick."""
    if split.handwriting is not None:
        with store.database.read() as connection:
            learned.check_count(connection, store.workspace, split.handwriting)


def learned_marks(store: Store, run_id: int) -> Marks:
    """Return the marks of the digits and writers from whom a run has learned."""
    return learned.unpack_marks(store.get(run_id, LEARNED))


def is_new(marks: Marks, collection: str, digits: list[Sample]) -> np.ndarray:
    """Return which digits of a collection are by writers without a mark, (n,) bool.

    A writer has one if a run has learned from that number of the collection, or from any of the
    writer's digits here.
    """
    if not marks:
        return np.ones(len(digits), np.bool)
    known = {
        each.writer
        for each in digits
        if writer_mark(collection, each.writer) in marks or image_mark(each.image) in marks
    }
    return np.array([each.writer not in known for each in digits], np.bool)


def is_newer(store: Store, chosen: Handwriting) -> bool:
    """Return whether digits were written after a choice."""
    later = HANDWRITING.c.id > chosen.last
    query = sa.select(HANDWRITING.c.id).where(*_of(store, chosen.collection), later).limit(1)
    with store.database.read() as connection:
        return connection.scalar(query) is not None


def is_open(store: Store) -> bool:
    """Return whether the workspace takes digits."""
    with store.database.read() as connection:
        return _is_open(connection, store.workspace)


def set_open(store: Store, is_open: bool) -> None:
    """Open or close the collection of the workspace."""
    row = {"workspace": store.workspace, "is_open": is_open}
    with store.database.write() as connection:
        insert = insert_into(connection, COLLECTIONS, row)
        change = insert.on_conflict_do_update(
            index_elements=["workspace"], set_={"is_open": is_open}
        )
        connection.execute(change)


def _number(connection: sa.Connection, workspace: str, made_by: str) -> int:
    """Return the number of a person, who gets one with the first digit."""
    mine = WRITERS.c.workspace == workspace, WRITERS.c.made_by == made_by
    known = connection.scalar(sa.select(WRITERS.c.number).where(*mine))
    if known is not None:
        return known
    number = next_writer(connection, workspace)
    row = {"workspace": workspace, "made_by": made_by, "number": number}
    connection.execute(sa.insert(WRITERS).values(row))
    return number


def _of(store: Store, collection: str) -> tuple[sa.ColumnElement[bool], ...]:
    return HANDWRITING.c.workspace == store.workspace, HANDWRITING.c.collection == collection


def _is_open(connection: sa.Connection, workspace: str) -> bool:
    query = sa.select(COLLECTIONS.c.is_open).where(COLLECTIONS.c.workspace == workspace)
    return connection.scalar(query) is not False
