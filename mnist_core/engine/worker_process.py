"""The scheduler and the workers that a server starts for itself, as child processes on loopback.

`Processes` starts and ends them, `WorkerSupervisor` decides when, and `dask_setup`, which runs in
each child, ends it with its server. A scheduler imports this module: it stays free of the rest of
the core.
"""

import contextlib
import json
import logging
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection
from pathlib import Path

import psutil

from mnist_core.utils.paths import PROJECT

START_TIMEOUT_S = 300
"""A scheduler that is silent for longer has not started: with 0.1 cores it takes 40 s."""

STOP_TIMEOUT_S = 10
"""A process that does not end within this time is killed."""

WORKER_PRIORITY = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 10)
"""Windows' class or the nice value of POSIX: pages go before training."""

THREADS = 4
"""Threads per worker: one trains, the others answer."""

MEMORY_BYTES = 4 * 2**30
"""Memory of a worker at most."""

MEMORY_CHECK_EVERY_S = 0.1
"""Frequent, since a training can take a gigabyte within a second."""

OOM_SCORE = "1000"
"""From -1000 to 1000: if Linux runs out of memory, it ends a worker first."""

_SETTINGS = {
    "DASK_LOGGING__DISTRIBUTED": "error",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",  # the engine decides what is tried again
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "60 seconds",  # of silence; Dask's own is 300
    # Dask samples these up to 100 times a second for a dashboard that nobody opens.
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1 s",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "10 s",
    "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
}

logger = logging.getLogger(__name__)


class ProcessesError(Exception):
    """The scheduler did not start."""


class Processes:
    """One scheduler and workers by name. None of them outlives this process: see `dask_setup`.

    url: the database of the workers. Nothing here waits for a process but `address`, so that all
    of them start while this one imports what it needs.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.memory_bytes = MEMORY_BYTES
        self._folder = Path(tempfile.mkdtemp(prefix="mnist-"))
        self._file = self._folder / "scheduler.json"
        self._stopping = threading.Event()
        self._workers: dict[str, subprocess.Popen] = {}
        self._scheduler = self._start(
            "scheduler", "--port", "0", "--no-dashboard",
            "--preload", "mnist_core.engine.worker_process",
        )  # fmt: skip

    @property
    def _environment(self) -> dict[str, str]:
        """The variables of the children: settings, database, temporary files in our folder."""
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self._folder))
        return os.environ | _SETTINGS | temporary | {"MNIST_DATABASE_URL": self.url}

    def _start(self, kind: str, *arguments: str) -> subprocess.Popen:
        """Start `dask scheduler` or `dask worker`, with a standard input for `dask_setup`."""
        command = [sys.executable, "-m", "dask", kind, "--scheduler-file", str(self._file)]
        command += [*arguments, "--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
        return subprocess.Popen(
            command,
            cwd=PROJECT,
            env=self._environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the server, which then stops them
        )

    def address(self) -> str:
        """Return the address of the scheduler, once it has written it. Raises ProcessesError."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while self.alive and time.monotonic() < deadline:
            try:
                return json.loads(self._file.read_text())["address"]
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(0.02)
        code = self._scheduler.poll()
        raise ProcessesError(f"the scheduler did not start (exit code {code})")

    @property
    def alive(self) -> bool:
        """Whether the scheduler runs."""
        return self._scheduler.poll() is None

    def start_worker(self, name: str) -> None:
        """Start a worker; it reports to the scheduler once TensorFlow has started."""
        process = self._workers[name] = self._start(
            "worker", "--name", name, "--nthreads", str(THREADS),
            "--no-nanny", "--memory-limit", "0", "--resources", "TRAIN=1",
            "--local-directory", str(self._folder), "--no-dashboard",
            "--death-timeout", str(START_S),
            "--preload", "mnist_core.engine.worker_process", "--preload", "mnist_core.engine.tasks",
        )  # fmt: skip
        with contextlib.suppress(psutil.NoSuchProcess):  # it failed at once
            psutil.Process(process.pid).nice(WORKER_PRIORITY)
        with contextlib.suppress(OSError):  # Linux alone has this file
            Path(f"/proc/{process.pid}/oom_score_adj").write_text(OOM_SCORE)

    def running(self, name: str) -> bool:
        """Whether a worker's process runs."""
        return name in self._workers and self._workers[name].poll() is None

    def own_bytes(self, name: str) -> int:
        """Return the memory that a worker has for itself, in bytes; 0 for one that is gone.

        On Linux, memory that files back is left out, 390 MB of libraries and the data set: the
        system may drop it and read the files again.
        """
        process = self._workers.get(name)
        return sum(map(_own_bytes, _family(process))) if process else 0

    def limit_memory(self, memory_bytes: int) -> None:
        """End each worker that takes more memory for itself from now on.

        A thread of this process checks that: Dask's nanny would take 80 MB per worker to do so.
        """
        self.memory_bytes = memory_bytes
        threading.Thread(target=self._limit_memory, daemon=True, name="memory limit").start()

    def _limit_memory(self) -> None:
        """End each worker that has too much memory, until `stop`."""
        while not self._stopping.wait(MEMORY_CHECK_EVERY_S):
            for name, process in list(self._workers.items()):
                if self.own_bytes(name) > self.memory_bytes:
                    limit = f"{self.memory_bytes / 1e6:,.0f} MB"
                    logger.warning("A worker process took more than its %s: it is ended", limit)
                    process.kill()
                    process.wait()

    def end_worker(self, name: str) -> None:
        """End a worker and its child processes; an unknown worker has already ended."""
        if name in self._workers:
            _end([self._workers.pop(name)])

    def stop(self) -> None:
        """End all processes and delete their files."""
        self._stopping.set()
        _end([*self._workers.values(), self._scheduler])
        self._workers.clear()
        shutil.rmtree(self._folder, ignore_errors=True)


def _end(processes: list[subprocess.Popen]) -> None:
    """Close their standard inputs, which ends them at once; kill those that stay."""
    family = [child for process in processes for child in _family(process)[1:]]
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


def _family(process: subprocess.Popen) -> list[psutil.Process]:
    """Return a process and, on Windows, its children: there `python` only starts the real one."""
    try:
        parent = psutil.Process(process.pid)
        return [parent, *(parent.children(recursive=True) if os.name == "nt" else [])]
    except psutil.NoSuchProcess:
        return []


def _own_bytes(process: psutil.Process) -> int:
    """Return the resident memory of a process without what it shares, where that is known."""
    try:
        held = process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    return held.rss - getattr(held, "shared", 0)


ROOMY_BYTES = 2.4e9
"""Two workers may live at once where each may have this much: on machines with 4 GB, unless the
engine has a limit of its own."""

GROWTH_BYTES = 350e6
"""A worker that has grown by more than this is replaced.

It has about 300 MB when it first reports; the first run leaves 60 MB behind, each other 15.
"""

GROWTH_SHARE = 0.6
"""Where memory is short, it is replaced at this share of what was left to its limit."""

START_S = 900
"""A worker that has not reported after this time counts as hung: with 0.08 cores it takes 200 s."""

SILENT_S = 20
"""A worker that has reported, and then is silent for this time, counts as hung."""


class WorkerSupervisor:
    """Starts, replaces and ends workers so that one of them, `name`, takes work."""

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._number = 0
        self._first_bytes: dict[str, int] = {}  # memory of a worker when it first reported
        self._deadline: dict[str, float] = {}  # when a worker that does not report again hangs
        self.name, self._next, self._old = self._start(), "", ""  # takes work, starts, finishes

    def update(self, reporting: Collection[str], busy: Collection[str]) -> None:
        """Start and end the workers that are due.

        reporting, busy: names of the workers that report to the scheduler, and that have a task.
        """
        if self._old and self._old not in busy:
            self._end(self._old)
            self._old = ""
        for name in (self.name, self._next):
            self._check(name, name in reporting)
        idle = self.name in reporting and self.name not in busy
        if not self._processes.running(self.name):
            self._end(self.name)
            self.name, self._next = self._next or self._start(), ""
        elif idle and self._next in reporting and not self._old:
            self._old, self.name, self._next = self.name, self._next, ""  # it may still answer
        elif idle and not self._processes.running(self._next) and not self._old:
            self._replace()

    def _check(self, name: str, reports: bool) -> None:
        """End a worker that hangs."""
        now = time.monotonic()
        if reports:
            self._deadline[name] = now + SILENT_S
            self._first_bytes.setdefault(name, self._processes.own_bytes(name))
        elif now > self._deadline.get(name, now):
            self._end(name)

    def _replace(self) -> None:
        """Start a successor of the worker if it has grown; end it first if memory is short.

        With room a warm worker takes over from another.
        """
        first = self._first_bytes[self.name]
        room = GROWTH_SHARE * (self._processes.memory_bytes - first)
        if self._processes.own_bytes(self.name) - first <= min(GROWTH_BYTES, room):
            return
        if self._processes.memory_bytes >= ROOMY_BYTES:
            self._next = self._start()
        else:
            self._end(self.name)
            self.name = self._start()

    def _start(self) -> str:
        """Start another worker; return its name."""
        self._number += 1
        name = f"worker-{self._number}"
        self._processes.start_worker(name)
        self._deadline[name] = time.monotonic() + START_S
        return name

    def _end(self, name: str) -> None:
        self._processes.end_worker(name)
        self._first_bytes.pop(name, None)
        self._deadline.pop(name, None)


def dask_setup(_process: object) -> None:
    """Let this child process end with the server that started it.

    Dask calls this in a scheduler or worker that preloads this module. The server holds the other
    end of the standard input, which closes when the server ends, however that happens.
    """
    threading.Thread(target=_end_with_parent, daemon=True, name="parent watch").start()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    # At once, whatever trains: all that was recorded is in the database. `sys.exit` would end
    # this thread only.
    os._exit(0)
