"""The scheduler and the workers that a server starts for itself, as child processes on loopback."""

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

START_TIMEOUT_S = 60
STOP_TIMEOUT_S = 10
NICE = getattr(psutil, "BELOW_NORMAL_PRIORITY_CLASS", 10)  # pages go first, on any system
THREADS = 4  # one trains, the others answer
WATCH_EVERY_S = 0.1  # so often, since a training can take a gigabyte within a second
FIRST_TO_GO = "1000"  # of -1000 to 1000, to a Linux that runs out of memory before we notice

_SETTINGS = {
    "DASK_LOGGING__DISTRIBUTED": "error",
    "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0",  # the engine decides what is tried again
    "DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL": "60 seconds",  # of silence; Dask's own is 300
    "DASK_DISTRIBUTED__WORKER__MEMORY__TARGET": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False",
    "DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "False",
}

logger = logging.getLogger(__name__)


class ProcessesError(Exception):
    """A child process that does not start."""


class Processes:
    """One scheduler, and workers by name. None of them outlives this process: see `lifeline`.

    url: the database of the workers; memory_bytes: what one may have for itself before it is ended.
    That is looked after here, since Dask's nanny takes 80 MB a worker to do the same.
    """

    def __init__(self, url: str, memory_bytes: int) -> None:
        self._url = url
        self._folder = Path(tempfile.mkdtemp(prefix="mnist-"))
        self.memory_bytes = memory_bytes
        self._stopping = threading.Event()
        self._workers: dict[str, subprocess.Popen] = {}
        file = self._folder / "scheduler.json"
        self._scheduler = self._start(
            "scheduler", "--port", "0", "--scheduler-file", str(file), "--no-dashboard",
            "--preload", "mnist_core.engine.worker_process",
        )  # fmt: skip
        self.address = self._read_address(file)
        threading.Thread(target=self._watch, daemon=True, name="memory watch").start()

    @property
    def _places(self) -> dict[str, str]:
        """Their database, and a folder for what they would leave behind: it goes with them."""
        temporary = dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(self._folder))
        return temporary | {"MNIST_DATABASE_URL": self._url}

    def _start(self, kind: str, *arguments: str) -> subprocess.Popen:
        command = [sys.executable, "-m", "dask", kind, *arguments]
        command += ["--host", "127.0.0.1", "--dashboard-address", "127.0.0.1:0"]
        return subprocess.Popen(
            command,
            cwd=PROJECT,
            env=os.environ | _SETTINGS | self._places,
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
            "--no-nanny", "--memory-limit", "0", "--resources", "TRAIN=1",
            "--local-directory", str(self._folder), "--death-timeout", "120", "--no-dashboard",
            "--preload", "mnist_core.engine.worker_process", "--preload", "mnist_core.engine.tasks",
        )  # fmt: skip
        with contextlib.suppress(psutil.NoSuchProcess):  # it failed at once, and is begun anew
            psutil.Process(process.pid).nice(NICE)
        with contextlib.suppress(OSError):  # Linux alone has that
            Path(f"/proc/{process.pid}/oom_score_adj").write_text(FIRST_TO_GO)

    def running(self, name: str) -> bool:
        """Whether a worker's process runs."""
        return name in self._workers and self._workers[name].poll() is None

    def own_bytes(self, name: str) -> int:
        """What a worker has in memory for itself alone; 0 for one that is gone.

        On Linux that leaves out its libraries' files, 390 MB, which the system may drop and read
        again.
        """
        process = self._workers.get(name)
        return sum(map(_own_bytes, _family(process))) if process else 0

    def _watch(self) -> None:
        """End each worker that is over its memory."""
        while not self._stopping.wait(WATCH_EVERY_S):
            for name, process in list(self._workers.items()):
                if self.own_bytes(name) > self.memory_bytes:
                    limit = f"{self.memory_bytes / 1e6:,.0f} MB"
                    logger.warning("A worker process took more than its %s: it is ended", limit)
                    process.kill()
                    process.wait()

    def end_worker(self, name: str) -> None:
        """End a worker, or tidy up after one that is gone."""
        if name in self._workers:
            _end([self._workers.pop(name)])

    def stop(self) -> None:
        """End all of them and tidy up."""
        self._stopping.set()
        _end([*self._workers.values(), self._scheduler])
        self._workers.clear()
        shutil.rmtree(self._folder, ignore_errors=True)


def _end(processes: list[subprocess.Popen]) -> None:
    """Close their lifelines, which ends them at once; kill what does not listen."""
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
    """A process, and on Windows its children: `python` is there but what starts the real one."""
    try:
        parent = psutil.Process(process.pid)
        return [parent, *(parent.children(recursive=True) if os.name == "nt" else [])]
    except psutil.NoSuchProcess:
        return []


def _own_bytes(process: psutil.Process) -> int:
    try:
        held = process.memory_info()
    except psutil.NoSuchProcess:
        return 0
    return held.rss - getattr(held, "shared", 0)


GROWTH_BYTES = 350e6  # over the 300 it had when it was ready; the first run leaves 130, others 15,
GROWTH_SHARE = 0.6  # and where memory is short, so much of what is left to its limit
START_S = 180  # a worker is silent for so long before it first reports
SILENT_S = 20  # and so long afterwards, if it hangs


class WorkerSupervisor:
    """Knows which of our workers takes work.

    roomy: whether two workers may live at once, so that a warm one takes over from another.
    """

    def __init__(self, processes: Processes, roomy: bool) -> None:
        self._processes, self._roomy = processes, roomy
        self.name, self._next, self._old = "", "", ""  # in use, warming up, leaving
        self._number = 0
        self._at_first: dict[str, int] = {}  # bytes that a worker had when it first reported
        self._deadline: dict[str, float] = {}  # when a worker hangs that has not reported again

    def look(
        self, reporting: Collection[str], training: Collection[str], asked: Collection[str]
    ) -> None:
        """Begin and end what is due; all are names: that report, that train, that do the rest."""
        for name in (self.name, self._next):
            self._check(name, name in reporting)
        idle = self.name in reporting and self.name not in training
        if not self._processes.running(self.name):
            self._end(self.name)
            self.name, self._next = self._next or self._begin(), ""
        elif idle and self._next in reporting:
            self._old, self.name, self._next = self.name, self._next, ""
        elif idle and not self._processes.running(self._next) and not self._old:
            self._replace(asked)
        if self._old and self._old not in asked:
            self._end(self._old)
            self._old = ""

    def _check(self, name: str, reports: bool) -> None:
        """End a worker that runs and says nothing."""
        now = time.monotonic()
        if reports:
            self._deadline[name] = now + SILENT_S
            self._at_first.setdefault(name, self._processes.own_bytes(name))
        elif now > self._deadline.get(name, now):
            self._end(name)

    def _replace(self, asked: Collection[str]) -> None:
        """Begin another worker in place of one that has grown: at once, if both have room."""
        first = self._at_first[self.name]
        room = GROWTH_SHARE * (self._processes.memory_bytes - first)
        if self._processes.own_bytes(self.name) - first <= min(GROWTH_BYTES, room):
            return
        if self._roomy:
            self._next = self._begin()
        elif self.name not in asked:
            self._end(self.name)
            self.name = self._begin()

    def _begin(self) -> str:
        self._number += 1
        name = f"worker-{self._number}"
        self._processes.start_worker(name)
        self._deadline[name] = time.monotonic() + START_S
        return name

    def _end(self, name: str) -> None:
        self._processes.end_worker(name)
        self._at_first.pop(name, None)
        self._deadline.pop(name, None)


def dask_setup(_process: object) -> None:
    """In a child process: end as soon as the server that started it does.

    Dask calls this where a scheduler or a worker preloads this module. The server holds the other
    end of the standard input, which closes with the server, however that ends.
    """
    threading.Thread(target=_end_with_parent, daemon=True, name="parent watch").start()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)  # at once, whatever trains: all that was recorded is in the database
