"""A cluster on this machine, without containers: a scheduler and workers.

The commands are those of docs/cluster.md, each a process of its own on loopback.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil
from distributed import Client

from mnist_core.utils.paths import PROJECT
from tests.helpers import free_port

SETTINGS = {
    "DASK_LOGGING__DISTRIBUTED": "critical",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "PYTHONWARNINGS": "ignore:resource_tracker",
}


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

    def start_worker(self, name: str, *options: str) -> None:
        """Begin a worker; it reports once TensorFlow is warm."""
        self.workers[name] = self._start(
            "worker", self.address, "--name", name, "--nthreads", "4", "--resources", "TRAIN=1",
            "--preload", "mnist_core.engine.tasks", "--local-directory", str(self.folder / name),
            "--host", "127.0.0.1", "--no-dashboard",
            "--preload-nanny", "mnist_core.engine.worker_process", *options,
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
