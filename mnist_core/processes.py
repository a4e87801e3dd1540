"""The scheduler and the workers that a server starts for itself, as child processes on loopback."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psutil

PROJECT = Path(__file__).parents[1]
START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 10
NICE = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 10)  # pages go first, on any system
THREADS = 4  # one trains, the others answer

_SETTINGS = {
    "DASK_LOGGING__DISTRIBUTED": "error",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",  # the engine decides what is tried again
    "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
    "PYTHONWARNINGS": "ignore:resource_tracker",  # it complains when all end at once
}


class ProcessesError(Exception):
    """A child process that does not start."""


class Processes:
    """One scheduler, and workers by name. None of them outlives this process: see `lifeline`.

    url: the database of the workers; memory_bytes: what one may use before it is ended.
    """

    def __init__(self, url: str, memory_bytes: int) -> None:
        self._url = url
        self._folder = Path(tempfile.mkdtemp(prefix="mnist-"))
        self._memory = memory_bytes
        self._workers: dict[str, subprocess.Popen] = {}
        file = self._folder / "scheduler.json"
        self._scheduler = self._start(
            "scheduler", "--port", "0", "--scheduler-file", str(file), "--no-dashboard",
            "--preload", "mnist_core.lifeline",
        )  # fmt: skip
        self.address = self._read_address(file)

    def _start(self, kind: str, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", kind, *arguments]
        command += ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
        return subprocess.Popen(
            command,
            cwd=PROJECT,
            env=os.environ | _SETTINGS | {"MNIST_DATABASE_URL": self._url},
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the server, which then stops them
        )

    def _read_address(self, file: Path) -> str:
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.alive and time.monotonic() < deadline:
            try:
                return json.loads(file.read_text())["address"]
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(0.02)
        code = self._scheduler.poll()
        self.stop()  # or each further try would leave one more behind
        raise ProcessesError(f"the scheduler did not start (exit code {code})")

    @property
    def alive(self) -> bool:
        """Whether the scheduler runs."""
        return self._scheduler.poll() is None

    def start_worker(self, name: str) -> None:
        """Begin a worker; it is among the scheduler's workers once TensorFlow is warm."""
        process = self._workers[name] = self._start(
            "worker", self.address, "--name", name, "--nthreads", str(THREADS),
            "--memory-limit", str(self._memory), "--resources", "TRAIN=1",
            "--local-directory", str(self._folder), "--death-timeout", "120", "--no-dashboard",
            "--preload", "mnist_core.worker", "--preload-nanny", "mnist_core.lifeline",
        )  # fmt: skip
        psutil.Process(process.pid).nice(NICE)  # the nanny's, which its worker inherits

    def running(self, name: str) -> bool:
        """Whether a worker's nanny runs, which begins its worker anew if that dies."""
        return name in self._workers and self._workers[name].poll() is None

    def end_worker(self, name: str) -> None:
        """End a worker and its nanny."""
        _end([self._workers.pop(name)])

    def stop(self) -> None:
        """End all of them and tidy up."""
        _end([*self._workers.values(), self._scheduler])
        self._workers.clear()
        shutil.rmtree(self._folder, ignore_errors=True)


def _end(processes: list[subprocess.Popen]) -> None:
    """Close their lifelines, which ends them and theirs at once; kill what does not listen."""
    family = [child for process in processes for child in _children(process)]
    for process in processes:
        if process.stdin:
            process.stdin.close()
    for process in processes:
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    for child in psutil.wait_procs(family, STOP_TIMEOUT_S)[1]:
        child.kill()


def _children(process: subprocess.Popen) -> list[psutil.Process]:
    try:
        return psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []
