"""The file of an SQLite database: which one it is, what lies beside it, what ails it."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import sqlalchemy as sa

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)

Identity = tuple[int, int]
"""What tells a file from another one that has or had its name."""


def way_out(code: int) -> str:
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


def beside(path: Path | None) -> list[Path]:
    """Where SQLite keeps what was written last, and the index of it."""
    return [Path(f"{path}{ending}") for ending in ("-wal", "-shm")] if path else []


def set_aside(files: dict[Path, Identity | None]) -> None:
    """Rename what belongs to a file that is gone: SQLite would take it for the new file's."""
    for path, known in files.items():
        if known and identity(path) == known:
            with suppress(OSError):
                path.replace(f"{path}.old")


@contextmanager
def alone(path: Path | None) -> Iterator[None]:
    """One process at a time: of two that rename, one could take what the other made just now."""
    with ExitStack() as held:
        if path and sys.platform != "win32":  # where nobody can replace a file that is open
            import fcntl

            with suppress(OSError):  # SQLite will say what is wrong with its folder
                folder = os.open(path.parent, os.O_RDONLY)
                held.callback(os.close, folder)
                fcntl.flock(folder, fcntl.LOCK_EX)
        yield
