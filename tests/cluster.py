"""A cluster on this machine, without containers: PostgreSQL, a scheduler, and workers.

The commands are those of the README, each a process of its own on loopback.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
import sqlalchemy as sa
from distributed import Client
from sqlalchemy.exc import OperationalError

from mnist_core.utils.paths import PROJECT

INSTALLED = Path("/usr/lib/postgresql")  # Debian's, which are not in the path
GUARDED = '"$@" & read _; kill -QUIT $!; wait $!'
"""A command that ends, at once, when whoever began it is gone: nobody needs the data any more."""

SETTINGS = {
    "DASK_LOGGING__DISTRIBUTED": "critical",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONWARNINGS": "ignore:resource_tracker",
}


def wait_until(condition: Callable[[], object], seconds: float = 300) -> None:
    """Look again and again, until it is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def postgresql() -> Path | None:
    """The folder with PostgreSQL's own programs; None where it is not installed."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    versions = sorted(INSTALLED.glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return versions[-1].parent if versions else None


def free_port() -> int:
    """A port of loopback that nobody has just now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@contextmanager
def database_server(programs: Path, durable: bool = False) -> Iterator[str]:
    """A new PostgreSQL on loopback that trusts everybody there; yields its URL without a database.

    durable: wait for the disk at each commit, as a real one does. PostgreSQL refuses to run as
    root, who has Debian's user `postgres` run it.
    """
    # Where Windows is, `getuid` is not; tests there are skipped for want of the programs.
    user = "postgres" if os.getuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="mnist-pg-"))
    if user:
        shutil.chown(folder, user, user)
    data, port = str(folder / "data"), free_port()
    make = [programs / "initdb", "-D", data, "--auth=trust", "--username=mnist", "--no-sync"]
    run = [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1"]
    run += ["-c", "unix_socket_directories=", "-c", "max_connections=400"]
    run += [] if durable else ["-c", "fsync=off"]
    try:
        subprocess.run(make, check=True, cwd=folder, user=user, capture_output=True)
        server = subprocess.Popen(
            ["sh", "-c", GUARDED, "sh", *run],
            cwd=folder,
            user=user,
            start_new_session=True,
            stdin=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"postgresql+psycopg://mnist@127.0.0.1:{port}"
            wait_until(lambda: _answers(f"{url}/postgres"), 30)
            yield url
        finally:
            server.communicate(timeout=30)  # closes its standard input, which ends it
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _answers(url: str) -> bool:
    try:
        _execute(url, "select 1")
    except OperationalError:
        return False
    return True


def new_database(server: str, name: str) -> str:
    """A new and empty database; returns its URL."""
    _execute(f"{server}/postgres", f"create database {name}")
    return f"{server}/{name}"


def _execute(url: str, statement: str) -> None:
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(statement))


class Cluster:
    """A scheduler and its workers, by name. url: their database."""

    def __init__(self, url: str, folder: Path) -> None:
        self.url, self.folder = url, folder
        self.address = f"tcp://127.0.0.1:{free_port()}"
        self.workers: dict[str, subprocess.Popen] = {}
        self.scheduler = self._start(
            "scheduler", "--host", self.address, "--no-dashboard", "--dashboard-address", ":0",
            "--preload", "mnist_core.engine.worker_process",
        )  # fmt: skip

    def _start(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *arguments],
            cwd=PROJECT,
            env=os.environ | SETTINGS | {"MNIST_DATABASE_URL": self.url},
            stdin=subprocess.PIPE,  # the lifeline: none of them outlives this process
            stdout=subprocess.DEVNULL,
        )

    def start_worker(self, name: str) -> None:
        """Begin a worker; it reports once TensorFlow is warm."""
        self.workers[name] = self._start(
            "worker", self.address, "--name", name, "--nthreads", "4", "--resources", "TRAIN=1",
            "--preload", "mnist_core.engine.tasks", "--local-directory", str(self.folder / name),
            "--host", "127.0.0.1", "--no-dashboard",
            "--preload-nanny", "mnist_core.engine.worker_process",
        )  # fmt: skip

    def wait_for_workers(self, count: int) -> None:
        """Until so many report."""
        with Client(self.address, set_as_default=False, timeout="60s") as client:
            client.wait_for_workers(count, timeout=300)

    def kill(self, name: str) -> None:
        """What a power cut does to a machine: a worker and its nanny are gone at once."""
        nanny = self.workers.pop(name)
        family = psutil.Process(nanny.pid).children(recursive=True)
        nanny.kill()
        for process in family:
            process.kill()
        nanny.communicate()

    def processes(self, name: str) -> set[int]:
        """The numbers of a worker's processes."""
        nanny = psutil.Process(self.workers[name].pid)
        return {process.pid for process in nanny.children(recursive=True)}

    def stop(self) -> None:
        """End all of it, whatever state it is in."""
        every = [*self.workers.values(), self.scheduler]
        family = [
            child
            for process in every
            if process.poll() is None
            for child in psutil.Process(process.pid).children(recursive=True)
        ]
        for process in every:
            process.communicate(timeout=30)
        for child in psutil.wait_procs(family, 10)[1]:
            child.kill()


@contextmanager
def cluster(url: str, *names: str) -> Iterator[Cluster]:
    """A scheduler with workers of these names, all of them ready."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        made = Cluster(url, Path(folder))
        stack.callback(made.stop)
        for name in names:
            made.start_worker(name)
        made.wait_for_workers(len(names))
        yield made
