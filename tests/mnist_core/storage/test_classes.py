"""The workspaces of classes: their names and short codes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

from mnist_core.storage import classes
from mnist_core.storage.classes import Class, ClassError
from mnist_core.storage.database import Database
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import read_code
from tests.mnist_core.storage.records import SPEC


@pytest.fixture
def store(url) -> Store:
    return Store("class", url)


@pytest.mark.both_databases
def test_a_class_has_the_name_given_last(store, url):
    assert classes.find(store) == Class("")
    classes.rename(store, "  7b,\nphysics ")
    assert classes.find(store).name == "7b, physics"
    classes.rename(store, "8b")
    assert classes.find(store).name == "8b"
    assert classes.find(Store("other", url)).name == ""
    classes.rename(store, "")
    assert classes.find(store).name == ""


@pytest.mark.both_databases
def test_a_short_code_opens_one_class_and_stays(store, url):
    other = Store("other", url)
    classes.rename(store, "7b")
    code = classes.make_code(store)
    assert read_code(code) == code
    assert classes.make_code(store) == code
    assert classes.find(store) == Class("7b", code)
    assert classes.find(other).code is None
    assert classes.make_code(other) != code
    classes.rename(other, "8b")
    assert classes.workspace_of_code(store.database, code) == "class"
    assert classes.workspace_of_code(store.database, classes.make_code(other)) == "other"
    unknown = "0" * 8 if code != "0" * 8 else "1" * 8
    assert classes.workspace_of_code(store.database, unknown) is None


def test_a_name_has_at_most_40_characters(store):
    classes.rename(store, "x" * 40)
    with pytest.raises(ClassError, match="at most 40 characters; received 41"):
        classes.rename(store, "y" * 41)
    assert classes.find(store).name == "x" * 40


@pytest.mark.both_databases
def test_a_database_of_version_7_gets_the_tables_of_classes(url):
    Store(url=url)
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("drop table classes"))
        connection.execute(sa.text("drop table makers"))
        connection.execute(sa.text("update schema_version set version = 7"))
    store = Store("class", url)
    store.database = Database(url)
    classes.rename(store, "7b")
    assert classes.find(store).name == "7b"
    assert classes.workspace_of_code(store.database, classes.make_code(store)) == "class"
    assert store.makers() == {}


@pytest.mark.both_databases
def test_who_makes_a_run_in_a_class_has_one_number_there(url):
    anna, ben = (Store("class", url, visitor=who) for who in ("anna", "ben"))
    runs = [store.create_run(SPEC) for store in (anna, ben, anna)]
    assert anna.makers() == {"anna": 1, "ben": 2}
    assert [anna.makers()[run.made_by] for run in runs] == [1, 2, 1]
    for run in runs:
        anna.delete_run(run.id)
    ben.create_run(SPEC)
    Store("class", url, visitor="cem").create_run(SPEC)
    assert anna.makers() == {"anna": 1, "ben": 2, "cem": 3}
    other = Store("other class", url, visitor="cem")
    other.create_run(SPEC)
    assert other.makers() == {"cem": 1}
    own = Store("anna", url)
    own.create_run(SPEC)
    assert own.makers() == {}


@pytest.mark.both_databases
def test_people_who_come_at_once_have_different_numbers(url):
    Store(url=url)

    def train(number: int) -> None:
        Store("class", url, visitor=f"person {number % 10}").create_run(SPEC)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(train, range(20)))
    numbers = Store("class", url).makers()
    assert len(numbers) == len(set(numbers.values())) == 10
