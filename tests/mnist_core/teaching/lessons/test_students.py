"""Names that people of a class give, and what their teacher sees of their lessons."""

import pytest
import sqlalchemy as sa

from mnist_core.storage.classes import ClassError
from mnist_core.storage.database import Database
from mnist_core.storage.quota import QuotaError
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import STUDENTS
from mnist_core.teaching.lessons import progress, students
from mnist_core.teaching.lessons.students import Student


def member(url: str, who: str, workspace: str = "class") -> Store:
    """The store of somebody in a class; that person's progress is in a workspace of their own."""
    return Store(workspace, url, visitor=who)


def stored(store: Store) -> int:
    with store.database.read() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(STUDENTS)) or 0


@pytest.mark.both_databases
def test_a_teacher_sees_what_those_have_passed_who_gave_a_name(url):
    anna, ben, cem = (member(url, who) for who in ("anna", "ben", "cem"))
    for who in ("anna", "ben", "cem"):
        progress.mark_passed(Store(who, url), "first-network", None)
    progress.mark_passed(Store("anna", url), "overfitting", None)
    progress.begin(Store("ben", url), "overfitting")
    assert students.students(anna) == []
    assert stored(anna) == 0
    students.give_name(ben, " Ben  ")
    students.give_name(anna, "anna")
    students.give_name(member(url, "dora"), "Dora")  # she has passed nothing
    passed = progress.load(Store("anna", url), "overfitting")
    shown = students.students(member(url, "teacher"))
    assert [student.name for student in shown] == ["anna", "Ben", "Dora"]
    assert [set(each.passed) for each in shown] == [
        {"first-network", "overfitting"},
        {"first-network"},
        set(),
    ]
    assert passed is not None
    assert shown[0].passed["overfitting"] == passed.passed_at
    assert students.name_of(cem) == ""
    assert students.students(member(url, "teacher", "other class")) == []


@pytest.mark.both_databases
def test_a_name_can_be_changed_and_taken_back(url):
    anna = member(url, "anna")
    students.give_name(anna, "Anna")
    students.give_name(member(url, "anna", "other class"), "A.")
    students.give_name(anna, "Anna K.")
    assert students.name_of(anna) == "Anna K."
    assert students.students(anna) == [Student("Anna K.")]
    students.give_name(anna, " ")
    assert students.name_of(anna) == ""
    assert stored(anna) == 1
    assert students.name_of(member(url, "anna", "other class")) == "A."
    assert students.forget_all(member(url, "teacher", "other class")) == 1
    assert stored(anna) == 0


def test_a_name_is_neither_too_long_nor_one_of_too_many(url, monkeypatch):
    monkeypatch.setattr(students, "MOST", 2)
    anna, ben, cem = (member(url, who) for who in ("anna", "ben", "cem"))
    with pytest.raises(ClassError, match="received 41"):
        students.give_name(anna, "x" * 41)
    students.give_name(anna, "Anna")
    students.give_name(ben, "Ben")
    with pytest.raises(QuotaError, match="room for 2 names"):
        students.give_name(cem, "Cem")
    students.give_name(anna, "Anna again")  # who is in may change
    students.give_name(member(url, "cem", "other class"), "Cem")
    assert [each.name for each in students.students(anna)] == ["Anna again", "Ben"]


@pytest.mark.both_databases
def test_a_database_of_version_7_gets_the_table_of_students(url):
    Store(url=url)
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("drop table students"))
        connection.execute(sa.text("update schema_version set version = 7"))
    store = member(url, "anna")
    store.database = Database(url)
    students.give_name(store, "Anna")
    assert students.name_of(store) == "Anna"
