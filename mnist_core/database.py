"""The way to the tables: SQLite in WAL mode, or what MNIST_DATABASE_URL names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from mnist_core.errors import MnistError
from mnist_core.schema import METADATA, SCHEMA

VERSION = 4
UPGRADABLE = (2, 3)  # what these lack is added when they are opened
DEFAULT_PATH = Path(__file__).parents[1] / "runs" / "mnist.db"
BUSY_TIMEOUT_S = 30


class StoreError(MnistError):
    """The database cannot be used, or holds no such thing in this workspace."""


def default_url() -> str:
    """MNIST_DATABASE_URL, or one SQLite file in the folder `runs` of the project.

    The path of a file is made absolute: a worker may run in another folder.
    """
    url = os.environ.get("MNIST_DATABASE_URL") or f"sqlite:///{DEFAULT_PATH}"
    start, slashes, path = url.partition(":///")
    if start.startswith("sqlite") and path and path != ":memory:":
        return f"{start}{slashes}{Path(path).resolve()}"
    return url


class Database:
    """One database, its tables made if it is new.

    Raises StoreError where it cannot be opened, is not ours, or has another version.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = sa.make_url(url)
            self.url = url
            self.shown = parsed.render_as_string(hide_password=True)
            if parsed.get_backend_name() == "sqlite" and parsed.database:
                Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
            self._engine = sa.create_engine(parsed, pool_pre_ping=True)
        except ModuleNotFoundError as error:
            raise StoreError(
                f"the database {self.shown} needs a driver that is not installed ({error}): for "
                "PostgreSQL, install psycopg[binary] and write postgresql+psycopg://"
            ) from None
        except (ArgumentError, NoSuchModuleError, OSError) as error:
            raise StoreError(
                f"MNIST_DATABASE_URL must name a database, such as sqlite:///runs/mnist.db; {error}"
            ) from None
        if self._engine.dialect.name == "sqlite":
            event.listen(self._engine, "connect", _prepare_sqlite)
            event.listen(self._engine, "begin", _begin_sqlite)
        self._open()

    def _open(self) -> None:
        """Make the tables of a new database, refuse one that is not ours; then WAL, for good."""
        with self.write() as connection:
            if self._engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(VERSION)))
            tables = sa.inspect(connection).get_table_names()
            if not tables:
                METADATA.create_all(connection)
                connection.execute(sa.insert(SCHEMA).values(version=VERSION))
                tables = [SCHEMA.name]
            version = connection.scalar(sa.select(SCHEMA)) if SCHEMA.name in tables else None
            if version in UPGRADABLE:
                _upgrade(connection)
                version = VERSION
        if version == VERSION:
            if self._engine.dialect.name == "sqlite":
                with self._explained(), self._engine.connect() as connection:
                    connection.connection.execute("PRAGMA journal_mode = WAL")
        else:
            found = f"version {version}" if version else "no version, so it is not ours"
            raise StoreError(
                f"the database {self.shown} must have version {VERSION}; it has {found}: move it "
                "away to start a new one, or name another in MNIST_DATABASE_URL"
            )

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that changes nothing and waits for nobody."""
        with self._explained(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that holds the right to write from its start to its commit."""
        writing = self._engine.execution_options(write=True)
        with self._explained(), writing.begin() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeoutError) as error:
            reason = error.orig if isinstance(error, DBAPIError) else error
            raise StoreError(
                f"the database {self.shown} cannot be used ({reason}): check that it exists, "
                "that the disk has room and that no other program holds it"
            ) from error


def _upgrade(connection: sa.Connection) -> None:
    """Add the tables and columns that were not there when a database was made."""
    METADATA.create_all(connection)
    for table in METADATA.sorted_tables:
        there = {column["name"] for column in sa.inspect(connection).get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                ddl = sa.schema.CreateColumn(column).compile(dialect=connection.dialect)
                connection.execute(sa.DDL(f"ALTER TABLE {table.name} ADD COLUMN {ddl}"))
    connection.execute(sa.update(SCHEMA).values(version=VERSION))


@cache
def database(url: str) -> Database:
    """One pool of connections for each database of this process."""
    return Database(url)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """NORMAL: with WAL, a commit survives a killed process, though not a power cut."""
    connection.isolation_level = None  # the driver opens no transactions behind our back
    for pragma in (
        f"busy_timeout = {1000 * BUSY_TIMEOUT_S}",
        "synchronous = NORMAL",
        "foreign_keys = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    """Writers queue from the start: a reader that turns writer would fail instead of waiting."""
    write = connection.get_execution_options().get("write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
