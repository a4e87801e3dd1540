"""Where compute happens: Dask, one local worker process unless an address is given.

The queue is in the database. One thread looks at it, hands runs to workers that are free, takes
back those whose worker died, and replaces a local worker before TensorFlow has kept too much.
"""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import dataclass
from typing import Any

import numpy as np
import psutil

from mnist_core import claims, presets, worker
from mnist_core.database import default_url
from mnist_core.errors import MnistError
from mnist_core.plan import Speed, work
from mnist_core.processes import MEMORY_BYTES, Processes, ProcessesError
from mnist_core.store import Run, Store, StoreError

LOOK_EVERY_S = 0.5
ANSWER_TIMEOUT_S = 60
RECYCLE_AFTER = 8  # runs: TensorFlow keeps about 7 MB of each

logger = logging.getLogger(__name__)


class EngineError(MnistError):
    """The engine cannot answer now."""

    status = 1


@dataclass(frozen=True)
class Status:
    """Whether a worker is there, and a sentence for people."""

    ready: bool
    words: str


STARTING = Status(False, "the engine is starting: TensorFlow takes a few seconds")
READY = Status(True, "the engine is ready")
OFF = Status(False, "the engine is off: start the app with `streamlit run app.py`")


class Engine:
    """Trains queued runs, one at a time a worker, and answers predictions beside them.

    memory_bytes: what a local worker may use before it is ended.
    """

    def __init__(self, memory_bytes: int | None = None) -> None:
        most = int(0.75 * psutil.virtual_memory().total)
        self._memory = memory_bytes or min(MEMORY_BYTES, most)
        self._thread: threading.Thread | None = None
        self._stopping, self._woken = threading.Event(), threading.Event()
        self._pool: _Pool | None = None
        self._images_per_s: float | None = None
        self._url = ""

    def start(self) -> None:
        """Begin in the background; returns at once."""
        self._stopping.clear()
        self._url = default_url()  # that of the workers too, which inherit it now
        self._thread = threading.Thread(target=self._keep, daemon=True, name="engine")
        self._thread.start()

    def stop(self) -> None:
        """End all that was started. Runs in training are gone on with at the next start."""
        self._stopping.set()
        self._woken.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def status(self) -> Status:
        """How the engine is."""
        if self._thread is None:
            return OFF
        pool = self._pool
        return READY if pool and pool.ready else STARTING

    def speed(self) -> Speed | None:
        """How fast this machine trains, measured on note-5's network once a worker was there."""
        if not self._images_per_s:
            return None
        network = presets.find("note-5").network
        return Speed(self._images_per_s * work(network), "a short trial when the app started")

    def wake(self) -> None:
        """Look at the queue now and not half a second later."""
        self._woken.set()

    def probabilities(self, workspace: str, run: Run, images: np.ndarray) -> np.ndarray:
        """What a trained run makes of images: uint8 (n, 28, 28) -> float32 (n, 10), rows sum to 1.

        Raises EngineError when no worker answers in time, StoreError where there are no weights.
        """
        return self._answer(worker.probabilities, workspace, run.id, run.seconds, images)

    def export(self, workspace: str, run: Run, ending: str) -> bytes:
        """A trained run as the bytes of a .keras, .h5 or .weights.h5 file; errors as above."""
        return self._answer(worker.export, workspace, run.id, ending)

    def _answer(self, task: Callable[..., Any], *arguments: Any) -> Any:
        pool, status = self._pool, self.status()
        if pool is None or not status.ready:
            raise EngineError(f"there is no answer yet, since {status.words}")
        try:
            return pool.submit(task, *arguments).result(timeout=ANSWER_TIMEOUT_S)
        except MnistError:
            raise
        except (TimeoutError, CancelledError, OSError, pool.killed) as error:
            raise EngineError(
                f"the worker was lost before it could answer ({type(error).__name__}): another one "
                "is being started, so try again in some seconds"
            ) from error

    def _keep(self) -> None:
        """The engine's thread: whatever dies is begun anew, and the queue is looked after."""
        while not self._stopping.is_set():
            try:
                if self._pool is None:
                    self._pool = _Pool(self._memory, self._woken.set)
                if not self._pool.alive:
                    logger.warning("The scheduler is gone; starting another one")
                    self._drop_pool()
                    continue
                self._pool.refresh()
                self._images_per_s = self._images_per_s or self._pool.measured()
                self._take_back()
                self._hand_out()
            except (StoreError, ProcessesError, OSError) as error:
                logger.warning("The engine waits: %s", error)
                self._drop_pool()
            self._woken.wait(LOOK_EVERY_S)
            self._woken.clear()
        self._drop_pool()

    def _drop_pool(self) -> None:
        pool, self._pool = self._pool, None
        if pool:
            pool.close()

    def _take_back(self) -> None:
        for workspace, run_id in claims.running(self._url):
            store = Store(workspace, self._url)
            run = store.run(run_id)
            if run.state == "running" and claims.is_abandoned(run):
                logger.warning("Run %d lost its worker process", run_id)
                claims.lose(store, run)

    def _hand_out(self) -> None:
        pool = self._pool
        if not pool:
            return
        free = pool.free()
        waiting = [run for run in claims.waiting(self._url) if run not in pool.handed_out()]
        for address, (workspace, run_id) in zip(free, waiting, strict=False):
            pool.train(address, workspace, run_id)


class _Pool:
    """A scheduler with its workers: our own, or those of DASK_SCHEDULER_ADDRESS."""

    def __init__(self, memory_bytes: int, woken: Callable[[], None]) -> None:
        from distributed import Client, KilledWorker  # 0.4 s that the first page need not wait for

        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # the engine tells what matters
        self.killed = KilledWorker
        address = os.environ.get("DASK_SCHEDULER_ADDRESS")
        self._processes: Processes | None = None
        if address is None:
            self._processes = Processes(memory_bytes)
            address = self._processes.address
        self._woken = woken
        self._client = Client(address, set_as_default=False, timeout="20s")
        self._addresses: dict[str, str] = {}  # of the workers that report, by name
        self._training: dict[str, tuple[tuple[str, int] | None, Any]] = {}  # by address
        self._asked: set[Any] = set()
        self._measured: Any = None
        self._runs, self._number, self._name, self._next = 0, 0, "", ""

    @property
    def alive(self) -> bool:
        ours = self._processes is None or self._processes.alive
        return ours and self._client.status == "running"

    @property
    def ready(self) -> bool:
        return bool(self._usable())

    def refresh(self) -> None:
        """See which workers report and which runs are over; recycle our own worker if it is due."""
        info = self._client.scheduler_info(n_workers=-1)["workers"]
        self._addresses = {
            str(worker["name"]): address
            for address, worker in info.items()
            if "TRAIN" in worker["resources"]
        }
        for address, (run, future) in list(self._training.items()):
            if future.done():
                self._runs += 1
                del self._training[address]
                if future.status == "error" and not isinstance(future.exception(), self.killed):
                    logger.error("Run %s ended in an error", run, exc_info=future.exception())
        if self._processes:
            self._recycle(self._processes)

    def _recycle(self, processes: Processes) -> None:
        if not processes.running(self._name):
            self._name, self._runs = self._begin(processes), 0
        elif self._next in self._addresses and not self._training and not self._asked:
            processes.end_worker(self._name)
            self._name, self._next, self._runs = self._next, "", 0
        elif self._runs >= RECYCLE_AFTER and not processes.running(self._next):
            self._next = self._begin(processes)

    def _begin(self, processes: Processes) -> str:
        self._number += 1
        name = f"worker-{self._number}"
        processes.start_worker(name)
        return name

    def _usable(self) -> list[str]:
        """Addresses of the workers that take work: with our own processes, the current one."""
        if self._processes is None:
            return list(self._addresses.values())
        return [self._addresses[self._name]] if self._name in self._addresses else []

    def free(self) -> list[str]:
        return [address for address in self._usable() if address not in self._training]

    def handed_out(self) -> list[tuple[str, int] | None]:
        return [run for run, _ in self._training.values()]

    def train(self, address: str, workspace: str, run_id: int) -> None:
        future = self._occupy(address, worker.train, workspace, run_id)
        self._training[address] = ((workspace, run_id), future)

    def measured(self) -> float | None:
        """Images a second, once the first free worker has tried."""
        if self._measured is None and (free := self.free()):
            self._measured = self._occupy(free[0], worker.measure)
            self._training[free[0]] = (None, self._measured)
        future = self._measured
        return future.result() if future and future.status == "finished" else None

    def _occupy(self, address: str, task: Callable[..., Any], *arguments: Any) -> Any:
        future = self._client.submit(
            task, *arguments, workers=[address], resources={"TRAIN": 1}, pure=False
        )
        future.add_done_callback(lambda _: self._woken())
        return future

    def submit(self, task: Callable[..., Any], *arguments: Any) -> Any:
        """A question to any worker that takes work; it goes before training."""
        usable = self._usable()
        future = self._client.submit(task, *arguments, workers=usable, priority=10, pure=False)
        self._asked.add(future)
        future.add_done_callback(self._asked.discard)
        return future

    def close(self) -> None:
        self._client.close(timeout=2)
        if self._processes:
            self._processes.stop()
