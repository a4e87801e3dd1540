"""What is promised of the database, on a real PostgreSQL: tests of other files, run again."""

from collections.abc import Iterator
from itertools import count

import pytest
import sqlalchemy as sa

from mnist_core.storage.database import Database, StoreError
from mnist_core.storage.runs import Store
from tests.cluster import database_server, new_database

# What is collected here finds the fixtures of this file in place of its own file's.
from tests.mnist_core.storage.test_runs import (
    SPEC,
)

pytestmark = pytest.mark.slow
_numbers = count(1)


@pytest.fixture(scope="module")
def server(postgresql_programs) -> Iterator[str]:
    with database_server(postgresql_programs) as url:
        yield url


@pytest.fixture
def url(server) -> str:
    return new_database(server, f"test_{next(_numbers)}")


@pytest.fixture(autouse=True)
def _own_database(url, monkeypatch):
    monkeypatch.setenv("MNIST_DATABASE_URL", url)


@pytest.fixture(autouse=True)
def _connections_closed(monkeypatch) -> Iterator[None]:
    """The tests of SQLite leave theirs to the garbage collector, which psycopg warns of."""
    made: list[sa.Engine] = []
    create = sa.create_engine

    def create_engine(*arguments, **settings) -> sa.Engine:
        made.append(create(*arguments, **settings))
        return made[-1]

    monkeypatch.setattr(sa, "create_engine", create_engine)
    yield
    for engine in made:
        engine.dispose()


def test_a_database_of_another_version_is_refused(url):
    Store(url=url)
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        connection.execute(sa.text("update schema_version set version = 7"))
    with pytest.raises(StoreError, match=r"must have version \d; it has version 7"):
        Database(url)


def test_a_server_that_is_away_is_named_without_its_password(url):
    away = sa.make_url(url).set(port=1, password="secret")
    with pytest.raises(StoreError, match="cannot be used") as caught:
        Database(away.render_as_string(hide_password=False))
    assert "secret" not in str(caught.value)


def test_a_pinned_run_with_a_note_and_large_artifacts_comes_back(url):
    kept = Store(url=url)
    made = kept.create_run(SPEC, pinned=True, note="ein Gruß ✓", trial=0)
    kept.put(made.id, "weights", bytes(range(256)) * 20_000)
    again = Store(url=url).run(made.id)
    assert (again.pinned, again.note, again.trial) == (True, "ein Gruß ✓", 0)
    assert kept.get(made.id, "weights") == bytes(range(256)) * 20_000
