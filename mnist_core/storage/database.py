"""The way to the tables: SQLite in WAL mode, or what MNIST_DATABASE_URL names.

A database may go away while it is used: locked, full, damaged, deleted. Every transaction then
raises AwayError, and the first one after it is there again works.
"""

import logging
import os
import shutil
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import (
    ArgumentError,
    DataError,
    DBAPIError,
    IntegrityError,
    NoSuchModuleError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from mnist_core.storage.schema import METADATA, SCHEMA, UPGRADABLE, VERSION, upgrade
from mnist_core.utils.errors import MnistError
from mnist_core.utils.paths import PROJECT

DEFAULT_PATH = PROJECT / "runs" / "mnist.db"
BUSY_TIMEOUT_S = 15  # to write, while another one does
READ_TIMEOUT_S = 5  # only a program that wants the file for itself keeps readers waiting
OURS = (IntegrityError, DataError, ProgrammingError)  # to wait would not help

logger = logging.getLogger(__name__)


class StoreError(MnistError):
    """The database cannot be used, or holds no such thing in this workspace."""


class AwayError(StoreError):
    """The database cannot be used now; it may be later, without anybody starting anew.

    readable: whether this was an attempt to write, so that reading may still work.
    """

    readable = False


def default_url() -> str:
    """MNIST_DATABASE_URL, or one SQLite file in the folder `runs` of the project.

    The path of a file is made absolute: a worker may run in another folder.
    """
    url = os.environ.get("MNIST_DATABASE_URL") or f"sqlite:///{DEFAULT_PATH}"
    start, slashes, path = url.partition(":///")
    if start.startswith("sqlite") and path and path != ":memory:":
        return f"{start}{slashes}{Path(path).resolve()}"
    return url


SQLITE_OPTIONS = {
    "connect_args": {"timeout": READ_TIMEOUT_S},
    "pool_size": 20,  # a class that reads at once; those who wait to write hold one as well
    "max_overflow": 80,
}


class Database:
    """One database, its tables made if it is new; for any thread.

    Raises StoreError where it cannot be opened, is not ours, or has another version.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = sa.make_url(url)
            self.url = url
            self.shown = parsed.render_as_string(hide_password=True)
            self._path = path_of(parsed)
            if self._path:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            sqlite = parsed.get_backend_name() == "sqlite"
            options = SQLITE_OPTIONS if sqlite else {}
            self._engine = sa.create_engine(parsed, pool_pre_ping=True, **options)
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
        self._lock = Lock()
        self._fit = False  # opened, and not found damaged since
        self._file: Identity | None = None  # what tells it from another one of its name
        self._beside: dict[Path, Identity | None] = {}
        self._openings = 0
        self._look()

    @property
    def opening(self) -> int:
        """How often it was opened, from 1: once more where the file was replaced, or damaged."""
        self._look()
        return self._openings

    @property
    def free_bytes(self) -> int | None:
        """Room on the disk of the file; None for a database that is none."""
        try:
            return shutil.disk_usage(self._path.parent).free if self._path else None
        except OSError:  # its folder is gone
            return None

    def _look(self) -> None:
        """Open it, and again where another file has taken its place, or none.

        SQLite would go on, and nobody would see it, with a file that was deleted.
        """
        if self._fit and self._same():
            return
        with self._lock, folder_lock(self._path):
            if self._fit and self._same():
                return
            if self._file and not self._same():
                logger.warning(
                    "The database file %s was deleted or replaced. What it held is not here any "
                    "more; the app goes on with the file that has its name now",
                    self._path,
                )
                rename_stale(self._beside)
                with suppress(StoreError):  # into the old file, which may only have been moved
                    self._pragma("wal_checkpoint")
            self._fit = False
            self._engine.dispose()
            if self._path:
                with suppress(OSError):  # it is there, or SQLite will say why it cannot be
                    self._path.touch(exist_ok=False)
                    Path(f"{self._path}-shm").unlink(missing_ok=True)  # nobody's any more
                self._file = identity(self._path)
            try:
                self._open()
            finally:
                self._beside = {path: identity(path) for path in wal_files(self._path)}
            self._fit, self._openings = True, self._openings + 1

    def _same(self) -> bool:
        return self._path is None or identity(self._path) == self._file

    def _open(self) -> None:
        """Make the tables of a new database, refuse one that is not ours; then WAL, for good."""
        with self._transaction(write=True) as connection:
            if self._engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(VERSION)))
            tables = sa.inspect(connection).get_table_names()
            if not tables:
                METADATA.create_all(connection)
                connection.execute(sa.insert(SCHEMA).values(version=VERSION))
                tables = [SCHEMA.name]
            version = connection.scalar(sa.select(SCHEMA)) if SCHEMA.name in tables else None
            if version in UPGRADABLE:
                upgrade(connection)
                version = VERSION
        if version != VERSION:
            found = f"version {version}" if version else "no version, so it is not ours"
            raise AwayError(
                f"the database {self.shown} must have version {VERSION}; it has {found}: move it "
                "away to start a new one, or name another in MNIST_DATABASE_URL"
            )
        if self._engine.dialect.name == "sqlite":
            self._pragma("journal_mode = WAL")
            self._pragma("user_version")  # only who reads makes the -wal, which is to be known

    def _pragma(self, words: str) -> None:
        """Outside of a transaction."""
        with self._explained(), self._engine.connect() as connection:
            connection.connection.execute(f"PRAGMA {words}").close()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A transaction that changes nothing and waits for no writer."""
        self._look()
        with self._transaction(write=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A transaction that holds the right to write from its start to its commit."""
        self._look()
        try:
            with self._transaction(write=True) as connection:
                yield connection
        except AwayError as error:
            error.readable = self._fit
            raise

    @contextmanager
    def _transaction(self, write: bool) -> Iterator[sa.Connection]:
        engine = self._engine.execution_options(write=True) if write else self._engine
        with self._explained(), engine.begin() as connection:
            yield connection

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, PoolTimeoutError, sqlite3.Error) as error:
            reason = error.orig if isinstance(error, DBAPIError) else error
            code = getattr(reason, "sqlite_errorcode", 0) & 0xFF  # above it are finer reasons
            if code in DAMAGED:
                self._fit = False  # what is kept of it in memory would outlive its repair
            kind = StoreError if isinstance(error, OURS) else AwayError
            raise kind(
                f"the database {self.shown} cannot be used ({reason}): {remedy(code)}"
            ) from error


@cache
def database(url: str) -> Database:
    """One pool of connections for each database of this process."""
    return Database(url)


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """NORMAL: with WAL, a commit survives a killed process, though not a power cut."""
    connection.isolation_level = None  # the driver opens no transactions behind our back
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    """Writers queue from the start: a reader that turns writer would fail instead of waiting."""
    write = connection.get_execution_options().get("write")
    wait_s = BUSY_TIMEOUT_S if write else READ_TIMEOUT_S
    connection.connection.execute(f"PRAGMA busy_timeout = {int(1000 * wait_s)}").close()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

Identity = tuple[int, int]
"""What tells a file from another one that has or had its name."""


def remedy(code: int) -> str:
    """What a person can do about an error of SQLite's, or any other (0)."""
    if code == sqlite3.SQLITE_FULL:
        return "make room on its disk, and all goes on by itself; what was recorded is kept"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "another program holds it; all goes on by itself when that lets it go"
    if code in DAMAGED:
        return (
            "it is damaged or no database, and nothing is written over it: put a good copy in "
            "its place, or move it away, with the files -wal and -shm beside it, to start a "
            "new one; all goes on by itself then"
        )
    return "check that it exists, that the disk has room and that no other program holds it"


def path_of(url: sa.URL) -> Path | None:
    """The file of an SQLite database that has one."""
    name = url.database if url.get_backend_name() == "sqlite" else None
    return None if name in (None, "", ":memory:") or url.query.get("uri") else Path(name or "")


def identity(path: Path) -> Identity | None:
    """That of the file with this name; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def wal_files(path: Path | None) -> list[Path]:
    """Where SQLite keeps what was written last, and the index of it."""
    return [Path(f"{path}{ending}") for ending in ("-wal", "-shm")] if path else []


def rename_stale(files: dict[Path, Identity | None]) -> None:
    """Rename what belongs to a file that is gone: SQLite would take it for the new file's."""
    for path, known in files.items():
        if known and identity(path) == known:
            with suppress(OSError):
                path.replace(f"{path}.old")


@contextmanager
def folder_lock(path: Path | None) -> Iterator[None]:
    """One process at a time: of two that rename, one could take what the other made just now."""
    with ExitStack() as held:
        if path and sys.platform != "win32":  # where nobody can replace a file that is open
            import fcntl

            with suppress(OSError):  # SQLite will say what is wrong with its folder
                folder = os.open(path.parent, os.O_RDONLY)
                held.callback(os.close, folder)
                fcntl.flock(folder, fcntl.LOCK_EX)
        yield
