"""Access to the database: SQLite in WAL mode, or what MNIST_DATABASE_URL names.

A database may become unavailable while it is in use: locked, full, damaged, deleted. Each
transaction then raises DatabaseUnavailableError, until the database is available again.

Most of this module is about SQLite's file: SQLite would keep using a file that was deleted or
replaced, and nobody would notice. So each transaction first checks the identity of the file.
"""

import importlib
import logging
import os
import shutil
import sqlite3
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from threading import Lock
from urllib.parse import quote

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
from mnist_core.utils.paths import runs_folder

BUSY_TIMEOUT_S = 15  # of waiting for another writer

READ_TIMEOUT_S = 5  # of waiting to read, while a program locks the whole file

SQLITE_OPTIONS = {
    "connect_args": {"timeout": READ_TIMEOUT_S},
    "pool_size": 20,  # a class that reads at once; waiting writers hold a connection too
    "max_overflow": 80,
}

PERMANENT = (IntegrityError, DataError, ProgrammingError)  # errors that waiting does not solve

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

logger = logging.getLogger(__name__)

Identity = tuple[int, int]
"""Device and inode of a file: they differ between two files that had the same name."""


class StoreError(MnistError):
    """The database cannot be used, or what was asked for is not in this workspace."""


class DatabaseUnavailableError(StoreError):
    """The database is unavailable now; it may be available later without a restart.

    readable: whether the attempt was to write, so that reading may still work.
    """

    readable = False


class ReadOnlyError(StoreError):
    """The file of the database, or its folder, may not be written by this user."""


def default_url() -> str:
    """Return MNIST_DATABASE_URL, or the URL of the SQLite file mnist.db in the folder of the runs.

    The path of a file is made absolute, since a worker may run in another folder.
    """
    url = os.environ.get("MNIST_DATABASE_URL") or f"sqlite:///{runs_folder() / 'mnist.db'}"
    start, slashes, path = url.partition(":///")
    if start.startswith("sqlite") and path and path != ":memory:":
        return f"{start}{slashes}{Path(path).resolve()}"
    return url


def import_psycopg() -> None:
    """Import PostgreSQL's driver so that it calls its own libraries, and none of TensorFlow's.

    TensorFlow offers the functions of its BoringSSL to all libraries that are loaded after it. An
    encrypted connection would call them in place of OpenSSL's, which ends the process (TensorFlow's
    issue 93969). Windows and macOS never mix libraries up. Raises ImportError where the driver is
    not installed.
    """
    with _importing, _own_symbols():
        importlib.import_module("psycopg")


_importing = Lock()
"""The flags apply to the whole process: two threads would restore each other's."""


@contextmanager
def _own_symbols() -> Generator[None]:
    """Let libraries that are loaded inside the block look for functions in themselves first."""
    if not hasattr(os, "RTLD_DEEPBIND"):
        yield
        return
    flags = sys.getdlopenflags()
    sys.setdlopenflags(flags | os.RTLD_DEEPBIND)
    try:
        yield
    finally:
        sys.setdlopenflags(flags)


def path_of(url: sa.URL) -> Path | None:
    """Return the file of an SQLite database; None in memory or for another database."""
    name = url.database if url.get_backend_name() == "sqlite" else None
    return None if name in (None, "", ":memory:") or url.query.get("uri") else Path(name or "")


def _version(connection: sa.Connection) -> int | None:
    """Return the version of the tables, None for a database that is not ours."""
    ours = SCHEMA.name in sa.inspect(connection).get_table_names()
    return connection.scalar(sa.select(SCHEMA)) if ours else None


def _lies_still(path: Path) -> bool:
    """Whether a file is its whole database, in a folder where SQLite can create no others."""
    log = Path(f"{path}-wal")
    whole = path.exists() and not (log.exists() and log.stat().st_size)
    return whole and not os.access(path.parent, os.W_OK)


def _in_memory(url: sa.URL) -> bool:
    held = url.database in (None, "", ":memory:") or url.query.get("mode") == "memory"
    return url.get_backend_name() == "sqlite" and (held or ":memory:" in str(url.database))


class Database:
    """A database with its tables, which are created if it is new; safe for threads.

    Raises StoreError if it cannot be opened, holds other tables, or has another version.
    """

    def __init__(self, url: str) -> None:
        try:
            parsed = sa.make_url(url)
            self.url = url
            self.shown = parsed.render_as_string(hide_password=True)
            self._path = path_of(parsed)
            if _in_memory(parsed):
                raise ArgumentError(
                    f"{self.shown} is only in memory, where no worker can see it: name a file"
                )
            if self._path:
                self._path.parent.mkdir(parents=True, exist_ok=True)
            sqlite = parsed.get_backend_name() == "sqlite"
            if self._path and _lies_still(self._path):
                name = f"file:{quote(str(self._path))}"
                options = {"immutable": "1", "uri": "true"}
                parsed = sa.URL.create("sqlite", database=name, query=options)
            if parsed.get_driver_name() == "psycopg":
                import_psycopg()
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
        self._usable = False  # opened, and not found damaged since
        self._file: Identity | None = None
        self._wal_files: dict[Path, Identity | None] = {}
        self._openings = 0
        self._ensure_open()

    def close(self) -> None:
        """Close all connections; it can be used again."""
        self._engine.dispose()

    @property
    def opening(self) -> int:
        """How often the database was opened: again after its file was replaced or damaged."""
        self._ensure_open()
        return self._openings

    @property
    def free_bytes(self) -> int | None:
        """Free bytes on the disk of an SQLite file; None for other databases."""
        try:
            return shutil.disk_usage(self._path.parent).free if self._path else None
        except OSError:  # its folder was deleted
            return None

    def _ensure_open(self) -> None:
        """Open the database, and open it again if its file was deleted or replaced."""
        if self._usable and self._same():
            return
        with self._lock, folder_lock(self._path):
            if self._usable and self._same():
                return
            if self._file and not self._same():
                logger.warning(
                    "The database file %s was deleted or replaced. Its contents are gone; the app "
                    "continues with the file that has its name now",
                    self._path,
                )
                _rename_stale(self._wal_files)
                with suppress(StoreError):  # into the old file, which may have been moved
                    self._pragma("wal_checkpoint")
            self._usable = False
            self._engine.dispose()
            if self._path:
                with suppress(OSError):  # it exists, or SQLite reports why it cannot
                    self._path.touch(exist_ok=False)
                    Path(f"{self._path}-shm").unlink(missing_ok=True)  # of the deleted file
                self._file = _identity(self._path)
            try:
                self._open()
            finally:
                self._wal_files = {path: _identity(path) for path in _wal_paths(self._path)}
            self._usable, self._openings = True, self._openings + 1

    def _same(self) -> bool:
        return self._path is None or _identity(self._path) == self._file

    def _open(self) -> None:
        """Prepare the database and refuse a foreign one; leave a read-only one unchanged."""
        try:
            version = self._prepare()
        except ReadOnlyError:
            with self._transaction(write=False) as connection:
                version = _version(connection)
            if version in UPGRADABLE:
                raise
        if version != VERSION:
            found = f"version {version}" if version else "no version, so it is not ours"
            raise DatabaseUnavailableError(
                f"the database {self.shown} must have version {VERSION}; it has {found}: move it "
                "away to start a new one, or name another in MNIST_DATABASE_URL"
            )

    def _prepare(self) -> int | None:
        """Create the tables of a new database, upgrade an older one; return its version.

        Sets WAL mode for good.
        """
        with self._transaction(write=True) as connection:
            if self._engine.dialect.name == "postgresql":
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(VERSION)))
            if not sa.inspect(connection).get_table_names():
                METADATA.create_all(connection)
                connection.execute(sa.insert(SCHEMA).values(version=VERSION))
            version = _version(connection)
            if version in UPGRADABLE:
                upgrade(connection)
                version = VERSION
        if version == VERSION and self._engine.dialect.name == "sqlite":
            self._pragma("journal_mode = WAL")
            self._pragma("user_version")  # a read creates the -wal file, which is remembered
        return version

    def _pragma(self, words: str) -> None:
        """Execute a PRAGMA outside of a transaction."""
        with self._translated_errors(), self._engine.connect() as connection:
            connection.connection.execute(f"PRAGMA {words}").close()

    @contextmanager
    def read(self) -> Generator[sa.Connection]:
        """Begin a transaction that only reads; it waits for no writer."""
        self._ensure_open()
        with self._transaction(write=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Generator[sa.Connection]:
        """Begin a transaction that holds the write lock from its start to its commit."""
        self._ensure_open()
        try:
            with self._transaction(write=True) as connection:
                yield connection
        except DatabaseUnavailableError as error:
            error.readable = self._usable
            raise

    @contextmanager
    def _transaction(self, write: bool) -> Generator[sa.Connection]:
        engine = self._engine.execution_options(write=True) if write else self._engine
        with self._translated_errors(), engine.begin() as connection:
            yield connection

    @contextmanager
    def _translated_errors(self) -> Generator[None]:
        """Turn errors of the driver into a StoreError with a way out."""
        try:
            yield
        except (DBAPIError, PoolTimeoutError, sqlite3.Error) as error:
            reason = error.orig if isinstance(error, DBAPIError) else error
            code = getattr(reason, "sqlite_errorcode", 0) & 0xFF  # the bits above are details
            if code in DAMAGED:
                self._usable = False  # pages in memory would survive its repair
            kind = StoreError if isinstance(error, PERMANENT) else DatabaseUnavailableError
            if getattr(reason, "sqlite_errorcode", 0) == sqlite3.SQLITE_READONLY:
                kind = ReadOnlyError  # and no other code of this family: the file was not moved
            raise kind(
                f"the database {self.shown} cannot be used ({reason}): {_remedy(code)}"
            ) from error


_databases: dict[str, Database] = {}


def database(url: str) -> Database:
    """Return the database of a URL, one per process, with its pool of connections.

    Threads may open it at once, since none should wait for the others while it is locked: the first
    one that is open is kept.
    """
    known = _databases.get(url)
    if known is None:
        opened = Database(url)
        known = _databases.setdefault(url, opened)
        if known is not opened:
            opened.close()
    return known


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Set up a new connection.

    With WAL and NORMAL, a commit survives a killed process, though not a power cut.
    """
    connection.isolation_level = None  # the driver must not begin transactions by itself
    for pragma in ("synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin a transaction; writers lock at once, since a reader that turns writer would fail."""
    write = connection.get_execution_options().get("write")
    wait_s = BUSY_TIMEOUT_S if write else READ_TIMEOUT_S
    connection.connection.execute(f"PRAGMA busy_timeout = {int(1000 * wait_s)}").close()
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def _remedy(code: int) -> str:
    """Return what to do about an error code of SQLite, or about another error (0)."""
    if code == sqlite3.SQLITE_FULL:
        return "make room on its disk; then everything continues, and what was recorded is kept"
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "another program holds it; everything continues when that program releases it"
    if code in DAMAGED:
        return (
            "it is damaged or no database, and nothing is written over it: put a good copy in "
            "its place, or move it away, with the files -wal and -shm beside it, to start a "
            "new one; then everything continues"
        )
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return (
            "this user can read it but not write to it: allow writing to the file and its folder, "
            "or name another database in MNIST_DATABASE_URL"
        )
    return "check that it exists, that the disk has room and that no other program holds it"


def _identity(path: Path) -> Identity | None:
    """Return the identity of a file; None if it does not exist."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _wal_paths(path: Path | None) -> list[Path]:
    """Return the paths of SQLite's write-ahead log and of its index."""
    return [Path(f"{path}{ending}") for ending in ("-wal", "-shm")] if path else []


def _rename_stale(files: dict[Path, Identity | None]) -> None:
    """Rename the logs of a deleted file, which SQLite would apply to the new file."""
    for path, known in files.items():
        if known and _identity(path) == known:
            with suppress(OSError):
                path.replace(f"{path}.old")


@contextmanager
def folder_lock(path: Path | None) -> Generator[None]:
    """Lock the folder of a file: of two processes that rename logs, one could take the other's."""
    with ExitStack() as stack:
        if path and sys.platform != "win32":  # Windows replaces no open file
            import fcntl

            with suppress(OSError):  # SQLite reports what is wrong with its folder
                folder = os.open(path.parent, os.O_RDONLY)
                stack.callback(os.close, folder)
                fcntl.flock(folder, fcntl.LOCK_EX)
        yield
