"""A Dask scheduler with its workers: our own processes, or those of DASK_SCHEDULER_ADDRESS."""

import logging
import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mnist_core.engine import tasks
from mnist_core.engine.dispatch import run_task
from mnist_core.engine.worker_process import MEMORY_BYTES, Processes, WorkerSupervisor
from mnist_core.evaluation.run import Run
from mnist_core.execution.jobs import Job

if TYPE_CHECKING:
    from distributed import Client, Future

MEMORY_SHARE = 0.6
"""A worker's share of the machine or container: 600 MB of 1 GB, of which note-1 takes 380."""

logger = logging.getLogger(__name__)


class Pool:
    """The workers that report to a scheduler, and what each of them does.

    All methods are for one thread, except `ask` and `ready`, which any thread may call. url: the
    database of our own workers; woken: called when a task is over; meanwhile: called while our own
    processes start. Dask chooses the worker of a task: by the resource TRAIN one trains a single
    run at a time.
    """

    def __init__(
        self,
        url: str,
        memory_bytes: int | None,
        woken: Callable[[], None],
        meanwhile: Callable[[], None],
    ) -> None:
        address = os.environ.get("DASK_SCHEDULER_ADDRESS")
        self._processes = None if address else Processes(url)
        self._supervisor: WorkerSupervisor | None = None
        try:
            if self._processes:
                self._supervisor = WorkerSupervisor(self._processes)
            meanwhile()
            self._client, self.killed = self._connect(address, memory_bytes)
        except BaseException:
            if self._processes:
                self._processes.stop()
            raise
        self._woken = woken
        self._workers: dict[str, dict[str, Any]] = {}  # those that report, by address
        self._tasks: dict[Future, Run | Job | None] = {}  # None: the measurement
        self._measurement: Future | None = None
        self._speed: float | None = None
        self.gone: set[str] = set()
        """Processes of workers that have left the scheduler, on whatever machine they were."""

    def _connect(
        self, address: str | None, memory_bytes: int | None
    ) -> "tuple[Client, type[Exception]]":
        """Return a client, and what it raises when a worker was killed."""
        # 0.4 s that the first page need not wait for
        from distributed import Client, KilledWorker
        from distributed.system import MEMORY_LIMIT  # that of a container, where there is one

        # The engine reports what matters.
        logging.getLogger("distributed").setLevel(logging.CRITICAL)
        if self._processes:
            share = min(MEMORY_BYTES, int(MEMORY_SHARE * MEMORY_LIMIT))
            self._processes.limit_memory(memory_bytes or share)
            address = self._processes.address()
        return Client(address, set_as_default=False, timeout="20s"), KilledWorker

    @property
    def ours(self) -> bool:
        """Whether the workers are our own processes."""
        return self._processes is not None

    @property
    def alive(self) -> bool:
        """Whether the scheduler can be reached, and always could.

        Dask cancels the tasks of a client that has lost its scheduler.
        """
        ours = self._processes is None or self._processes.alive
        lost = any(task.cancelled() for task in list(self._tasks))
        return ours and self._client.status == "running" and not lost

    @property
    def places(self) -> int:
        """The number of runs that can train at once; of our own workers only one takes work."""
        if self._supervisor is None:
            return len(self._workers)
        names = [worker["name"] for worker in self._workers.values()]
        return int(self._supervisor.name in names)

    @property
    def ready(self) -> bool:
        """Whether a worker takes work."""
        return self.places > 0

    def refresh(self) -> list[Run | Job]:
        """Update which workers report; return what has ended without an error since."""
        scheduler: Any = self._client.scheduler
        ask: Any = self._client.sync
        try:  # not `scheduler_info`, which may answer without workers: it shares its answer
            info = ask(scheduler.identity, n_workers=-1)["workers"]
            processing = ask(scheduler.processing, workers=None)
        except OSError:  # the scheduler is gone, as `alive` will say soon
            return []
        before = self._workers
        self._workers = {a: worker for a, worker in info.items() if "TRAIN" in worker["resources"]}
        self.gone = (self.gone | _processes(before)) - _processes(self._workers)
        done = [task for task in self._tasks if task.done() and not task.cancelled()]
        ended = {future: self._tasks.pop(future) for future in done}
        for future in ended:
            self._log_error(future)
        self._supervise(processing)
        return [task for future, task in ended.items() if task and future.status == "finished"]

    def _log_error(self, future: "Future") -> None:
        """Log the error in which a task ended, unless its worker was killed."""
        if future.status == "error":
            error = future.exception()
            if isinstance(error, BaseException) and not isinstance(error, self.killed):
                logger.error("A task of a worker ended in an error", exc_info=error)

    def _supervise(self, processing: dict[str, Any]) -> None:
        """Let the supervisor of our own workers start and end the workers that are due.

        processing: the tasks of each worker, by address.
        """
        if self._supervisor:
            names = {address: worker["name"] for address, worker in self._workers.items()}
            busy = {name for address, name in names.items() if processing.get(address)}
            if self._tasks:  # the scheduler may not have heard of the last one yet
                busy.add(self._supervisor.name)
            self._supervisor.update(names.values(), busy)

    @property
    def free(self) -> int:
        """The number of runs that can begin to train now."""
        return self.places - sum(not isinstance(task, Job) for task in self._tasks.values())

    def training(self) -> list[Run]:
        """Return the runs in training, as they were when they were handed out."""
        return [task for task in self._tasks.values() if isinstance(task, Run)]

    def train(self, run: Run) -> None:
        """Hand a run to a free worker."""
        self._track(self._submit(tasks.train, run.workspace, run.id, places=1), run)

    def measured_speed(self) -> float | None:
        """Return the images per second of `tasks.measure`, None before a worker has measured them.

        A free worker does it, and again if that failed.
        """
        if self._speed is not None:
            return self._speed
        tried = self._measurement
        if tried is not None and tried.status == "finished":
            speed = tried.result()
            if isinstance(speed, float):  # and not the MnistError that the task ended in
                # Dask would repeat a task that is still wanted when its worker ends.
                self._speed, self._measurement = speed, None
                return speed
        if (tried is None or tried.done()) and self.free > 0:
            self._measurement = self._submit(tasks.measure, places=1)
            self._track(self._measurement, None)
        return None

    def _submit(
        self, task: Callable[..., object], *arguments: object, places: int, priority: int = 0
    ) -> "Future":
        """Submit a task; among our own workers to the present one, since the old one may soon end.

        places: for training. Workers that train have this resource, so even with 0 the task goes to
        one of them; nobody knows what is installed on others.
        """
        workers = None
        if self._supervisor:
            present = self._supervisor.name
            workers = [a for a, worker in self._workers.items() if worker["name"] == present]
        return self._client.submit(
            run_task,
            task.__name__,
            *arguments,
            workers=workers,
            resources={"TRAIN": places},
            priority=priority,
            pure=False,
        )

    def _track(self, future: "Future", task: Run | Job | None) -> None:
        self._tasks[future] = task
        future.add_done_callback(lambda _: self._woken())

    def ask(self, task: Callable[..., object], *arguments: object) -> "Future":
        """Submit a task that takes about a second, beside training; return its future.

        task: one of `tasks.TASKS`. An MnistError that it raises is the result of the future.
        """
        return self._submit(task, *arguments, places=0, priority=10)

    def start_job(self, workspace: str, job: Job) -> None:
        """Submit a job of `execution.jobs`, beside training. Only one runs at a time."""
        self._track(self.ask(tasks.run_job, workspace, job.run_id, job.name), job)

    @property
    def has_job(self) -> bool:
        """Whether a worker runs a job."""
        return any(isinstance(task, Job) for task in self._tasks.values())

    def close(self) -> None:
        """Leave a cluster as it is; end our own processes."""
        self._client.close(timeout=2)
        if self._processes:
            self._processes.stop()


def _processes(workers: dict[str, dict[str, Any]]) -> set[str]:
    """Return the processes of workers, as they name themselves in `storage.leases`."""
    return {worker["process"] for worker in workers.values() if "process" in worker}
