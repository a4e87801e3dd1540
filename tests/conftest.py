"""What all tests share: a database of their own."""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import settings
from sqlalchemy import event
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from mnist_core.utils.server_settings import server_settings
from tests import postgresql
from tests.helpers import skip_without

settings.register_profile("steady", deadline=None, derandomize=True, database=None)
settings.load_profile("steady")

# Several processes test at a time: threads of each, and of the engines they start, would only wait.
for variable in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

_numbers = count(1)

TOGETHER = (
    "tests/ui/views/",
    "tests/browser/",
    "tests/mnist_core/engine/test_engine.py",
    "tests/mnist_core/engine/test_dask_pool.py",
)
"""Folders and files whose tests share a server, an engine or a cluster."""

STARTING = {"browser", "server", "hosted_server", "started_engine", "started_cluster"}
"""Fixtures that start other processes."""


class Scheduling(LoadScopeScheduling):
    """Gives the tests of each place of `TOGETHER` to one process, and all others one by one.

    Pytest's marker for this, `xdist_group`, does nothing with pytest 9.2 and pytest-xdist 3.8.
    """

    def _split_scope(self, nodeid: str) -> str:
        return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    """Let tests that share what takes seconds to start share it."""
    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that start other processes as slow."""
    for item in items:
        if STARTING.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run a test marked `both_databases` on SQLite and on PostgreSQL."""
    if metafunc.definition.get_closest_marker("both_databases"):
        kinds = ["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)]
        metafunc.parametrize("database_kind", kinds, indirect=True)


@pytest.fixture
def database_kind(request) -> str:
    """`sqlite` or `postgresql`: the kind of the test's database."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def url(request, database_kind, tmp_path) -> str:
    """The URL of an empty database that only this test uses."""
    if database_kind == "sqlite":
        return f"sqlite:///{tmp_path / 'runs' / 'test.db'}"
    return request.getfixturevalue("postgresql_database")


@pytest.fixture(autouse=True)
def _own_database(url, monkeypatch):
    """No test reads or writes the runs of the person who starts it."""
    monkeypatch.setitem(os.environ, "MNIST_DATABASE_URL", url)


@pytest.fixture(scope="session")
def postgresql_programs() -> Path:
    """The folder with PostgreSQL's programs; tests that need them are skipped without."""
    programs = postgresql.programs()
    if not programs:
        skip_without("PostgreSQL is not installed: `apt install postgresql`")
    return programs


@pytest.fixture(scope="session")
def postgresql_server(postgresql_programs) -> Iterator[str]:
    """The URL, without a database, of a PostgreSQL that the tests of a process share."""
    with postgresql.server(postgresql_programs) as server:
        yield server


@pytest.fixture
def postgresql_database(postgresql_server) -> Iterator[str]:
    """The URL of an empty PostgreSQL database; all connections are closed after the test."""
    opened: list[Any] = []

    def note(connection: Any, _record: object) -> None:
        opened.append(connection)

    event.listen(sa.Engine, "connect", note)
    yield postgresql.new_database(postgresql_server, f"test_{next(_numbers)}")
    event.remove(sa.Engine, "connect", note)
    for connection in opened:  # psycopg warns of those that are left to the garbage collector
        connection.close()


@pytest.fixture
def hosted(monkeypatch):
    """hosted(max_runs=3): from here on a hosted server, with these limits."""

    def host(**limits: float) -> None:
        monkeypatch.setenv("MNIST_HOSTED", "1")
        for name, value in limits.items():
            monkeypatch.setenv(f"MNIST_{name.upper()}", str(value))
        server_settings.cache_clear()

    yield host
    server_settings.cache_clear()
