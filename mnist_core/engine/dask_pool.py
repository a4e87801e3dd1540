"""A Dask scheduler with its workers: our own processes, or those of DASK_SCHEDULER_ADDRESS."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mnist_core.engine import tasks
from mnist_core.engine.dispatch import run_task
from mnist_core.engine.worker_process import Processes, WorkerSupervisor
from mnist_core.evaluation.run import Run

if TYPE_CHECKING:
    from distributed import Future

MEMORY_BYTES = 4 * 2**30
"""Memory of a worker at most, and at most MEMORY_SHARE of the machine or container."""

MEMORY_SHARE = 0.6
"""600 MB of 1 GB: note-1 takes 450, server and scheduler 160."""

ROOMY_BYTES = 4e9
"""On a machine with less memory a worker ends before its successor starts."""

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Training:
    """What occupies a worker: the training of a run, or the measurement of its speed (run None)."""

    run: Run | None
    future: "Future"


class Pool:
    """The workers that report to a scheduler, and what each of them does.

    All methods are for one thread, except `ask` and `ready`, which any thread may call. url: the
    database of our own workers; woken: called when a task is over.
    """

    def __init__(self, url: str, memory_bytes: int | None, woken: Callable[[], None]) -> None:
        # 0.4 s that the first page need not wait for
        from distributed import Client, KilledWorker
        from distributed.system import MEMORY_LIMIT  # that of a container, where there is one

        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # the engine tells what matters
        self.killed = KilledWorker
        self._processes: Processes | None = None
        self._supervisor: WorkerSupervisor | None = None
        address = os.environ.get("DASK_SCHEDULER_ADDRESS")
        if address is None:
            memory_bytes = memory_bytes or min(MEMORY_BYTES, int(MEMORY_SHARE * MEMORY_LIMIT))
            self._processes = Processes(url, memory_bytes)
            self._supervisor = WorkerSupervisor(self._processes, MEMORY_LIMIT >= ROOMY_BYTES)
            address = self._processes.address
        try:
            self._client = Client(address, set_as_default=False, timeout="20s")
        except BaseException:
            if self._processes:
                self._processes.stop()
            raise
        self._woken = woken
        self._addresses: dict[str, str] = {}  # of the workers that report, by name
        self._trainings: dict[str, Training] = {}  # by address
        self._questions: dict[Future, str] = {}  # addresses, by future
        self._measurement: Future | None = None
        self._job: tuple[str, Future] | None = None  # address and future

    @property
    def ours(self) -> bool:
        """Whether the workers are our own processes."""
        return self._processes is not None

    @property
    def alive(self) -> bool:
        """Whether the scheduler can be reached."""
        ours = self._processes is None or self._processes.alive
        return ours and self._client.status == "running"

    @property
    def ready(self) -> bool:
        """Whether a worker takes work."""
        return bool(self._usable())

    def refresh(self) -> list[Run]:
        """Find out which workers report; return the runs whose training ended without an error."""
        info = self._client.scheduler_info(n_workers=-1)["workers"]
        self._addresses = {
            str(reported["name"]): address
            for address, reported in info.items()
            if "TRAIN" in reported["resources"]
        }
        ended = []
        for address, training in list(self._trainings.items()):
            future = training.future
            gone = address not in self._addresses.values() and future.status == "pending"
            if gone:  # it would wait for this worker for ever
                future.cancel()
            if gone or future.done():
                del self._trainings[address]
                if training.run and future.status == "finished":
                    ended.append(training.run)
                self._log_error(future)
        self._supervise()
        return ended

    def _log_error(self, future: "Future") -> None:
        """Log the error in which a task ended, unless its worker was killed."""
        if future.status == "error":
            error = future.exception()
            if isinstance(error, BaseException) and not isinstance(error, self.killed):
                logger.error("A task of a worker ended in an error", exc_info=error)

    def _supervise(self) -> None:
        """Let the supervisor of our own workers start and end what is due."""
        if self._supervisor:
            names = {address: name for name, address in self._addresses.items()}
            training = {names.get(address, "") for address in self._trainings}
            answering = {names.get(address, "") for address in list(self._questions.values())}
            self._supervisor.update(names.values(), training, answering)

    def _usable(self) -> list[str]:
        """Return the addresses of the workers that take work; of our own only the current one."""
        if self._supervisor is None:
            return list(self._addresses.values())
        address = self._addresses.get(self._supervisor.name)
        return [address] if address else []

    def free(self) -> list[str]:
        """Return the addresses of the workers that take work and train nothing."""
        return [address for address in self._usable() if address not in self._trainings]

    def training(self) -> list[Run]:
        """Return the runs in training, as they were when they were handed out."""
        return [training.run for training in self._trainings.values() if training.run]

    def train(self, address: str, run: Run) -> None:
        """Hand a run to a free worker."""
        future = self._submit_training(address, tasks.train, run.workspace, run.id)
        self._trainings[address] = Training(run, future)

    def measured_speed(self) -> float | None:
        """Return the images per second of `tasks.measure`, None before a worker has measured them.

        The first free worker does it, and another one if that failed.
        """
        tried = self._measurement
        if tried is not None and tried.status == "finished":
            speed = tried.result()
            if isinstance(speed, float):  # and not the MnistError that the task ended in
                return speed
        if (tried is None or tried.done()) and (free := self.free()):
            self._measurement = self._submit_training(free[0], tasks.measure)
            self._trainings[free[0]] = Training(None, self._measurement)
        return None

    def _submit_training(
        self, address: str, task: Callable[..., object], *arguments: object
    ) -> "Future":
        future = self._client.submit(
            run_task,
            task.__name__,
            *arguments,
            workers=[address],
            resources={"TRAIN": 1},
            pure=False,
        )
        future.add_done_callback(lambda _: self._woken())
        return future

    def ask(self, task: Callable[..., object], *arguments: object) -> "Future":
        """Submit a task that takes about a second, beside training; return its future.

        task: one of `tasks.TASKS`. An MnistError that it raises is the result of the future.
        """
        return self._submit_beside_training(self._usable(), task, *arguments)

    def start_job(self, workspace: str, run_id: int, name: str) -> None:
        """Submit a job of `execution.jobs`, beside training. Only one runs at a time."""
        address = self._usable()[0]
        future = self._submit_beside_training([address], tasks.run_job, workspace, run_id, name)
        future.add_done_callback(lambda _: self._woken())
        self._job = address, future

    @property
    def has_job(self) -> bool:
        """Whether a worker runs a job."""
        return self._job is not None

    def take_finished_job(self) -> str | None:
        """Return the worker process that has ended the job, once; None before and afterwards."""
        if self._job is None:
            return None
        address, future = self._job
        if future.status == "pending" and address in self._addresses.values():
            return None
        self._job = None
        if future.status != "finished":  # lost with its worker, for which it would wait for ever
            future.cancel()
            return None
        process, traceback = future.result()
        if traceback:
            logger.error("A job ended in an error\n%s", traceback)
        return process

    def _submit_beside_training(
        self, addresses: list[str], task: Callable[..., object], *arguments: object
    ) -> "Future":
        future = self._client.submit(
            run_task, task.__name__, *arguments, workers=addresses, priority=10, pure=False
        )
        if self.ours and addresses:
            self._questions[future] = addresses[0]
            future.add_done_callback(lambda done: self._questions.pop(done, None))
        return future

    def close(self) -> None:
        """Leave a cluster as it is; end our own processes."""
        self._client.close(timeout=2)
        if self._processes:
            self._processes.stop()
