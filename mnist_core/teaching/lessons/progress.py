"""How far a workspace has come in each lesson, kept in the database."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from mnist_core.storage.runs import Store
from mnist_core.storage.schema import LESSONS


@dataclass(frozen=True)
class Progress:
    """One lesson: the step that is open, from 1, the last answer, and when the task was done.

    passed_at is UTC. Once passed a lesson stays so, even if the run that counted is deleted.
    """

    lesson: str
    step: int = 1
    answer: str = ""
    passed_at: datetime | None = None
    passed_run: int | None = None


def listed(store: Store) -> dict[str, Progress]:
    """All lessons that were begun, by name."""
    columns = [LESSONS.c[field.name] for field in fields(Progress)]
    query = sa.select(*columns).where(LESSONS.c.workspace == store.workspace)
    with store.database.read() as connection:
        return {row.lesson: Progress(*row) for row in connection.execute(query)}


def of(store: Store, lesson: str) -> Progress | None:
    """One lesson; None before it was begun."""
    return listed(store).get(lesson)


def begin(store: Store, lesson: str) -> None:
    """A lesson is open; where it was begun before it goes on from its step."""
    _keep(store, lesson, {"step": 1}, {})


def to_step(store: Store, lesson: str, step: int) -> None:
    """Open another step, counted from 1."""
    _keep(store, lesson, {"step": step}, {"step": step})


def answered(store: Store, lesson: str, answer: str) -> None:
    """Keep what was typed."""
    _keep(store, lesson, {"step": 1, "answer": answer}, {"answer": answer})


def passed(store: Store, lesson: str, run_id: int | None) -> None:
    """The task is done; the first time counts."""
    done = {"passed_at": datetime.now(UTC), "passed_run": run_id}
    _keep(store, lesson, {"step": 1} | done, done, LESSONS.c.passed_at.is_(None))


_INSERT: dict[str, Callable[..., Any]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,
}


def _keep(
    store: Store,
    lesson: str,
    new: dict[str, Any],
    changes: dict[str, Any],
    only: sa.ColumnElement[bool] | None = None,
) -> None:
    """Insert a row, or change the one there is; two who do it at once both succeed."""
    row = {"workspace": store.workspace, "lesson": lesson, "answer": ""} | new
    with store.database.write() as connection:
        insert = _INSERT[connection.dialect.name](LESSONS).values(row)
        keys = [LESSONS.c.workspace, LESSONS.c.lesson]
        if changes:
            insert = insert.on_conflict_do_update(index_elements=keys, set_=changes, where=only)
        else:
            insert = insert.on_conflict_do_nothing(index_elements=keys)
        connection.execute(insert)
