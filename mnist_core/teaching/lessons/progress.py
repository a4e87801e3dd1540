"""A workspace's progress in each lesson, stored in the database."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime

import sqlalchemy as sa

from mnist_core.storage.runs import Store
from mnist_core.storage.schema import LESSONS, insert_into


@dataclass(frozen=True)
class Progress:
    """Progress in one lesson. step: the open step, from 1; answer: the last one; passed_at: UTC.

    A passed lesson stays passed, even if the run that counted is deleted.
    """

    lesson: str
    step: int = 1
    answer: str = ""
    passed_at: datetime | None = None
    passed_run: int | None = None


def load_all(store: Store) -> dict[str, Progress]:
    """Return the progress in all lessons that were begun, by lesson."""
    columns = [LESSONS.c[field.name] for field in fields(Progress)]
    query = sa.select(*columns).where(LESSONS.c.workspace == store.workspace)
    with store.database.read() as connection:
        return {row.lesson: Progress(*row) for row in connection.execute(query)}


def load(store: Store, lesson: str) -> Progress | None:
    """Return the progress in one lesson; None before it was begun."""
    return load_all(store).get(lesson)


def begin(store: Store, lesson: str) -> None:
    """Begin a lesson; a lesson that was begun before keeps its progress."""
    _update(store, lesson, {})


def open_step(store: Store, lesson: str, step: int) -> None:
    """Store the open step, from 1."""
    _update(store, lesson, {"step": step})


def save_answer(store: Store, lesson: str, answer: str) -> None:
    """Store the last answer."""
    _update(store, lesson, {"answer": answer})


def mark_passed(store: Store, lesson: str, run_id: int | None) -> None:
    """Store that the task is done; only the first time counts."""
    passed = {"passed_at": datetime.now(UTC), "passed_run": run_id}
    _update(store, lesson, passed, LESSONS.c.passed_at.is_(None))


def _update(
    store: Store,
    lesson: str,
    changes: Mapping[str, object],
    condition: sa.ColumnElement[bool] | None = None,
) -> None:
    """Insert or update a lesson's row in one statement, safe for concurrent calls."""
    row = {"workspace": store.workspace, "lesson": lesson, "step": 1, "answer": "", **changes}
    keys = [LESSONS.c.workspace, LESSONS.c.lesson]
    with store.database.write() as connection:
        insert = insert_into(connection, LESSONS, row)
        if changes:
            insert = insert.on_conflict_do_update(
                index_elements=keys, set_=changes, where=condition
            )
        else:
            insert = insert.on_conflict_do_nothing(index_elements=keys)
        connection.execute(insert)
