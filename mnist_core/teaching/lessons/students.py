"""People of a class who share their name, so that their teacher sees what they passed."""

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from mnist_core.storage import quota
from mnist_core.storage.classes import checked_name
from mnist_core.storage.quota import QuotaError
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import LESSONS, STUDENTS, insert_into

MOST = 200  # names in a class


@dataclass(frozen=True)
class Student:
    """A person of a class. name: as that person wrote it; passed: times by lesson, UTC."""

    name: str
    passed: dict[str, datetime] = field(default_factory=dict)


def name_of(store: Store) -> str:
    """Return the name that the visitor has given in this class, "" for none."""
    query = sa.select(STUDENTS.c.name).where(*_own(store))
    with store.database.read() as connection:
        return connection.scalar(query) or ""


def give_name(store: Store, name: str) -> None:
    """Store the visitor's name in this class; "" deletes it.

    Raises ClassError if it is too long, QuotaError where too many others have given theirs.
    """
    name = checked_name(name)
    own = _own(store)
    with store.database.write() as connection:
        if not name:
            connection.execute(sa.delete(STUDENTS).where(*own))
            return
        quota.one_at_a_time(connection)
        others = STUDENTS.c.workspace == store.workspace, STUDENTS.c.made_by != store.visitor
        count = sa.select(sa.func.count()).select_from(STUDENTS).where(*others)
        if (connection.scalar(count) or 0) >= MOST:
            raise QuotaError(
                f"a class has room for {MOST} names, and all are taken: ask your teacher to "
                "delete the names; then enter yours again"
            )
        row = {"workspace": store.workspace, "made_by": store.visitor, "name": name}
        insert = insert_into(connection, STUDENTS, row)
        keys = [STUDENTS.c.workspace, STUDENTS.c.made_by]
        connection.execute(insert.on_conflict_do_update(index_elements=keys, set_={"name": name}))


def students(store: Store) -> list[Student]:
    """Return the people who have given a name in this class, by name, with what they passed."""
    passed = (LESSONS.c.workspace == STUDENTS.c.made_by) & LESSONS.c.passed_at.is_not(None)
    columns = STUDENTS.c.made_by, STUDENTS.c.name, LESSONS.c.lesson, LESSONS.c.passed_at
    query = sa.select(*columns).select_from(STUDENTS.outerjoin(LESSONS, passed))
    with store.database.read() as connection:
        rows = connection.execute(query.where(STUDENTS.c.workspace == store.workspace)).all()
    found: dict[str, Student] = {}
    for made_by, name, lesson, passed_at in rows:
        student = found.setdefault(made_by, Student(name))
        if lesson:
            student.passed[lesson] = passed_at
    return sorted(found.values(), key=lambda student: student.name.casefold())


def forget_all(store: Store) -> int:
    """Delete all names of this class; return how many there were."""
    with store.database.write() as connection:
        mine = STUDENTS.c.workspace == store.workspace
        return connection.execute(sa.delete(STUDENTS).where(mine)).rowcount


def _own(store: Store) -> tuple[sa.ColumnElement[bool], ...]:
    return STUDENTS.c.workspace == store.workspace, STUDENTS.c.made_by == store.visitor
