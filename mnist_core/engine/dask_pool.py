"""A Dask scheduler with its workers: our own processes, or those of DASK_SCHEDULER_ADDRESS."""

import logging
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mnist_core.engine import tasks
from mnist_core.engine.dispatch import run_task
from mnist_core.engine.worker_process import Processes, WorkerSupervisor
from mnist_core.storage.runs import Run

MEMORY_BYTES = 4 * 2**30  # for a worker, or so large a share of the machine or container:
MEMORY_SHARE = 0.6  # 600 MB of 1 GB, where note-1 takes 450 and server and scheduler 160
ROOMY_BYTES = 4e9  # where a machine has less, a worker ends before the next one starts

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Task:
    """Something that occupies a worker: the training of a run, or a measurement (run None)."""

    run: Run | None
    future: Any


class Pool:
    """Knows which workers report, which are busy, and tells the keeper of our own.

    For one thread, but for `ask` and `ready`, which any thread may call. url: the database of our
    workers; woken: called when a task is over.
    """

    def __init__(self, url: str, memory_bytes: int | None, woken: Callable[[], None]) -> None:
        # 0.4 s that the first page need not wait for
        from distributed import Client, KilledWorker
        from distributed.system import MEMORY_LIMIT  # that of a container, where there is one

        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # the engine tells what matters
        self.killed = KilledWorker
        self._processes: Processes | None = None
        self._keeper: WorkerSupervisor | None = None
        address = os.environ.get("DASK_SCHEDULER_ADDRESS")
        if address is None:
            memory_bytes = memory_bytes or min(MEMORY_BYTES, int(MEMORY_SHARE * MEMORY_LIMIT))
            self._processes = Processes(url, memory_bytes)
            self._keeper = WorkerSupervisor(self._processes, MEMORY_LIMIT >= ROOMY_BYTES)
            address = self._processes.address
        try:
            self._client = Client(address, set_as_default=False, timeout="20s")
        except BaseException:
            if self._processes:
                self._processes.stop()
            raise
        self._woken = woken
        self._addresses: dict[str, str] = {}  # of the workers that report, by name
        self._tasks: dict[str, Task] = {}  # by address
        self._questions: dict[Any, str] = {}  # addresses, by future
        self._measurement: Any = None
        self._job: tuple[str, Any] | None = None  # address and future

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
        """See which workers report; returns the runs whose tasks ended without an error."""
        info = self._client.scheduler_info(n_workers=-1)["workers"]
        self._addresses = {
            str(reported["name"]): address
            for address, reported in info.items()
            if "TRAIN" in reported["resources"]
        }
        ended = []
        for address, task in list(self._tasks.items()):
            gone = address not in self._addresses.values() and task.future.status == "pending"
            if gone:  # it would wait for this worker for ever
                task.future.cancel()
            if gone or task.future.done():
                del self._tasks[address]
                if task.run and task.future.status == "finished":
                    ended.append(task.run)
                self._complain(task)
        if self._keeper:
            names = {address: name for name, address in self._addresses.items()}
            training = {names.get(address, "") for address in self._tasks}
            asked = {names.get(address, "") for address in list(self._questions.values())}
            self._keeper.look(names.values(), training, asked)
        return ended

    def _complain(self, task: Task) -> None:
        if task.future.status == "error":
            error = task.future.exception()
            if not isinstance(error, self.killed):
                logger.error("A task of a worker ended in an error", exc_info=error)

    def _usable(self) -> list[str]:
        """Addresses of the workers that take work: with our own processes, the current one."""
        if self._keeper is None:
            return list(self._addresses.values())
        address = self._addresses.get(self._keeper.name)
        return [address] if address else []

    def free(self) -> list[str]:
        """Addresses of the workers that could train."""
        return [address for address in self._usable() if address not in self._tasks]

    def training(self) -> list[Run]:
        """The runs that were handed out and are not over, as they were then."""
        return [task.run for task in self._tasks.values() if task.run]

    def train(self, address: str, run: Run) -> None:
        """Hand a run to a free worker."""
        self._tasks[address] = Task(run, self._occupy(address, tasks.train, run.workspace, run.id))

    def measured(self) -> float | None:
        """Images a second, once the first free worker has tried; tried again if that failed."""
        tried = self._measurement
        if tried is not None and tried.status == "finished":
            return tried.result()
        if (tried is None or tried.done()) and (free := self.free()):
            self._measurement = self._occupy(free[0], tasks.measure)
            self._tasks[free[0]] = Task(None, self._measurement)
        return None

    def _occupy(self, address: str, task: Callable[..., Any], *arguments: Any) -> Any:
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

    def ask(self, task: Callable[..., Any], *arguments: Any) -> Any:
        """Put a question to a worker that takes work, as a future; it goes before training.

        task: a function of `tasks`. An MnistError that it raises is the future's result.
        """
        return self._beside(self._usable(), task, *arguments)

    def begin(self, *job: Any) -> None:
        """Have a worker do a job, beside training; only one at a time. job: what `work` takes."""
        address = self._usable()[0]
        future = self._beside([address], tasks.work, *job)
        future.add_done_callback(lambda _: self._woken())
        self._job = address, future

    @property
    def busy(self) -> bool:
        """Whether a worker does a job."""
        return self._job is not None

    def job_over(self) -> str | None:
        """The worker process that is through with the job, told once; None before."""
        if self._job is None:
            return None
        address, future = self._job
        if future.status == "pending" and address in self._addresses.values():
            return None
        self._job = None
        if future.status != "finished":  # lost with its worker, for which it would wait for ever
            future.cancel()
            return None
        process, trouble = future.result()
        if trouble:
            logger.error("A job ended in an error\n%s", trouble)
        return process

    def _beside(self, addresses: list[str], task: Callable[..., Any], *arguments: Any) -> Any:
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
