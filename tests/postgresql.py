"""A PostgreSQL on this machine, without containers."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from mnist_core.storage.database import import_psycopg
from tests.helpers import certificate, free_port, wait_until

INSTALLED = Path("/usr/lib/postgresql")  # Debian's, which are not in the path
GUARDED = '"$@" & read _; kill -QUIT $!; wait $!'
"""A command that ends, at once, when whoever began it is gone: nobody needs the data any more."""


def programs() -> Path | None:
    """The folder with PostgreSQL's own programs; None where it is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


@contextmanager
def server(programs: Path, durable: bool = False) -> Iterator[str]:
    """A new PostgreSQL on loopback that trusts everybody there; yields its URL without a database.

    Its connections are encrypted, and clients check its certificate. durable: wait for the disk at
    each commit, as a real one does. PostgreSQL refuses to run as root, who has Debian's user
    `postgres` run it.
    """
    # Where Windows is, `getuid` is not; tests there are skipped for want of the programs.
    user = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="mnist-pg-"))
    import_psycopg()
    pem = folder / "certificate.pem"
    data, port = str(folder / "data"), free_port()
    make = [programs / "initdb", "-D", data, "--auth=trust", "--username=mnist", "--no-sync"]
    run = [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1"]
    run += ["-c", "unix_socket_directories=", "-c", "max_connections=400"]
    run += ["-c", "ssl=on", "-c", f"ssl_cert_file={pem}", "-c", f"ssl_key_file={pem}"]
    run += [] if durable else ["-c", "fsync=off"]
    try:
        certificate(folder)
        if user:
            shutil.chown(folder, user, user)
            shutil.chown(pem, user, user)
        subprocess.run(make, check=True, cwd=folder, user=user, capture_output=True)
        process = subprocess.Popen(
            ["sh", "-c", GUARDED, "sh", *run],
            cwd=folder,
            user=user,
            start_new_session=True,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            tls = f"sslmode=verify-full&sslrootcert={pem}"
            url = f"postgresql+psycopg://mnist@127.0.0.1:{port}/?{tls}"
            wait_until(lambda: _answers(url), 30)
            yield url
        finally:
            process.communicate(timeout=30)  # closes its standard input, which ends it
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answers(server: str) -> bool:
    try:
        _execute(server, "select 1")
    except OperationalError:
        return False
    return True


def new_database(server: str, name: str) -> str:
    """Create an empty database; returns its URL."""
    _execute(server, f"create database {name}")
    return _database(server, name)


def _database(server: str, name: str) -> str:
    """The URL of a database of a server."""
    return sa.make_url(server).set(database=name).render_as_string(hide_password=False)


def _execute(server: str, statement: str) -> None:
    url = _database(server, "postgres")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))
