"""What a run learns from a class's handwriting, and how its writers are recognized later.

A run keeps marks: hashes of the digits that it or the runs before it have learned from, and of
their writers' numbers. Either mark identifies a writer, also after digits were exported and
imported again, or if a run starts from the weights of another one.
"""

from collections.abc import Sequence
from hashlib import sha256

import numpy as np
import sqlalchemy as sa

from mnist_core.dataset.mnist import SIDE
from mnist_core.dataset.training_set import Digits
from mnist_core.network.spec import Handwriting
from mnist_core.storage.schema import HANDWRITING
from mnist_core.utils.errors import MnistError

Marks = frozenset[int]
"""64-bit hashes of digits and of writers."""


class CollectionError(MnistError):
    """An operation that a collection does not allow: it is closed, too small, or has changed."""


def learned_digits(connection: sa.Connection, workspace: str, chosen: Handwriting) -> Digits:
    """Return the digits of a choice. Raises CollectionError unless all are here as they were."""
    columns = HANDWRITING.c.image, HANDWRITING.c.label
    query = sa.select(*columns).where(*_chosen(workspace, chosen)).order_by(HANDWRITING.c.id)
    rows = connection.execute(query).all()
    found = to_digits([row.image for row in rows], [row.label for row in rows])
    if found.source != chosen.source:
        raise _gone(chosen)
    return found


def check_count(connection: sa.Connection, workspace: str, chosen: Handwriting) -> None:
    """Raise CollectionError unless as many digits are here as were chosen; quick."""
    count = sa.select(sa.func.count()).select_from(HANDWRITING)
    if connection.scalar(count.where(*_chosen(workspace, chosen))) != chosen.images:
        raise _gone(chosen)


def to_digits(images: Sequence[bytes], labels: Sequence[int]) -> Digits:
    """Return digits as arrays. images: 784 bytes each."""
    pixels = np.frombuffer(b"".join(images), np.uint8).reshape(-1, SIDE, SIDE)
    return Digits(pixels, np.array(labels, np.uint8))


def marks_of(chosen: Handwriting, digits: Digits) -> Marks:
    """Return the marks of a choice."""
    writers = {writer_mark(chosen.collection, writer) for writer in chosen.writers}
    return frozenset(writers | {image_mark(image) for image in digits.images})


def image_mark(image: np.ndarray) -> int:
    """Return the mark of a digit, uint8 (28, 28)."""
    return _mark(image.tobytes())


def writer_mark(collection: str, writer: int) -> int:
    """Return the mark of a writer of a collection."""
    return _mark(f"{writer} of {collection}".encode())


def pack_marks(marks: Marks) -> bytes:
    """Return marks as bytes, eight for each."""
    return np.array(sorted(marks), np.uint64).tobytes()


def unpack_marks(data: bytes | None) -> Marks:
    """Return the marks of bytes; none for None."""
    return frozenset(np.frombuffer(data or b"", np.uint64).tolist())


def _gone(chosen: Handwriting) -> CollectionError:
    return CollectionError(
        f"some of the {chosen.images:,} handwritten digits to learn from are missing: they were "
        "deleted, or they are in another workspace; choose the handwriting again under Transfer "
        "learning on Build"
    )


def _mark(data: bytes) -> int:
    return int.from_bytes(sha256(data).digest()[:8])


def _chosen(workspace: str, chosen: Handwriting) -> tuple[sa.ColumnElement[bool], ...]:
    table = HANDWRITING.c
    return (
        table.workspace == workspace,
        table.collection == chosen.collection,
        table.id <= chosen.last,
        table.writer.in_(chosen.writers),
    )
