"""Where compute happens: Dask, one local worker process unless an address is given.

The queue is in the database. One thread looks at it, hands runs to workers that are free, takes
back those whose worker died, moves studies on, and replaces a local worker before TensorFlow has
kept too much.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import replace
from typing import Any

import numpy as np

from mnist_core.engine import examples, tasks
from mnist_core.engine.dask_pool import Pool
from mnist_core.engine.status import OFF, READY, STARTING, Status
from mnist_core.execution import jobs, queue
from mnist_core.experiments import studies
from mnist_core.network import presets
from mnist_core.storage import quota
from mnist_core.storage.database import StoreError, database, default_url
from mnist_core.storage.runs import Run, Store
from mnist_core.training.estimate import Speed, work
from mnist_core.utils.errors import MnistError

LOOK_EVERY_S = 0.5
AFTER_TROUBLE_S = 5
ANSWER_TIMEOUT_S = 60
LITTLE_BYTES = 2_000_000  # an epoch of a network may need as much

logger = logging.getLogger(__name__)


class EngineError(MnistError):
    """The engine cannot answer now."""

    status = 1


class Engine:
    """Trains queued runs, one at a time a worker, and answers predictions beside them.

    memory_bytes: what a local worker may use before it is ended; None for a share of the machine.
    """

    def __init__(self, memory_bytes: int | None = None) -> None:
        self._memory = memory_bytes
        self._thread: threading.Thread | None = None
        self._stopping, self._woken = threading.Event(), threading.Event()
        self._pool: Pool | None = None
        self._images_per_s: float | None = None
        self._url = ""
        self._handed: jobs.Job | None = None
        self._served: dict[str, int] = {}  # workspaces that wait for jobs, by their last turn
        self._over: tuple[jobs.Job, str] | None = None  # a job and the process that is through
        self._opening, self._trouble = 0, ""

    def start(self, before: Callable[[], None] = lambda: None) -> None:
        """Begin in the background, after `before` is done there; returns at once."""
        self._stopping.clear()
        self._url = default_url()  # that of the workers too
        self._opening, self._trouble = 0, ""
        self._thread = threading.Thread(
            target=self._keep, args=(before,), daemon=True, name="engine"
        )
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
        if self._thread is None or not self._thread.is_alive():
            return OFF
        pool = self._pool
        return replace(READY if pool and pool.ready else STARTING, trouble=self._trouble)

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
        return self._answer(tasks.probabilities, workspace, run.id, run.seconds, images)

    def export(self, workspace: str, run: Run, ending: str) -> bytes:
        """A trained run as the bytes of a file; errors as above, ExportError for one of its own.

        ending: that of one of `takeaway.formats.FORMATS`.
        """
        return self._answer(tasks.export, workspace, run.id, ending)

    def look(self, question: str, workspace: str, run: Run, images: np.ndarray) -> Any:
        """What `insight.questions.QUESTIONS` answers under that name; errors as above.

        images: uint8 (n, 28, 28), ink bright.
        """
        return self._answer(tasks.look, question, workspace, run.id, run.seconds, images)

    def _answer(self, task: Callable[..., Any], *arguments: Any) -> Any:
        pool, status = self._pool, self.status()
        if pool is None or not status.ready:
            raise EngineError(f"there is no answer yet, since {status.words}")
        try:
            asked = pool.ask(task, *arguments)
            answer = asked.result(timeout=ANSWER_TIMEOUT_S)
        except (TimeoutError, CancelledError, OSError, pool.killed) as error:
            raise EngineError(
                f"the worker was lost before it could answer ({type(error).__name__}): another one "
                "is being started, so try again in some seconds"
            ) from error
        if isinstance(answer, MnistError):
            raise answer
        return answer

    def _keep(self, before: Callable[[], None]) -> None:
        """The engine's thread: whatever dies is begun anew, and the queue is looked after."""
        try:
            before()
        except Exception:  # pages that cannot be imported say so themselves
            logger.exception("The pages were not prepared")
        while not self._stopping.is_set():
            pause = LOOK_EVERY_S
            try:
                self._look()
                self._trouble = self._little_room()
            except StoreError as error:  # the database is away; what trains waits as well
                if str(error) != self._trouble:
                    logger.warning("The engine waits: %s", error)
                self._trouble, pause = str(error), AFTER_TROUBLE_S
            except Exception:  # whatever it is, an engine that ended would be worse
                logger.exception("The engine begins anew")
                self._drop_pool()
                pause = AFTER_TROUBLE_S
            self._woken.wait(pause)
            self._woken.clear()
        with contextlib.suppress(StoreError):  # another engine then waits until this process ends
            studies.release(self._url)
        self._drop_pool()

    def _look(self) -> None:
        self._prepare_file()
        if self._pool and not self._pool.alive:
            logger.warning("The scheduler is gone; starting another one")
            self._drop_pool()
        if self._pool is None:
            self._pool = Pool(self._url, self._memory, self._woken.set)
        pool = self._pool
        for run in pool.refresh():
            self._check_begun(run)
        self._images_per_s = self._images_per_s or pool.measured()
        queue.recover_abandoned(self._url)
        if free := pool.free():
            self._hand_out(pool, free)
        self._hand_out_job(pool)
        studies.advance(self._url, len(pool.free()) + len(pool.training()))

    def _little_room(self) -> str:
        free = database(self._url).free_bytes
        if free is None or free >= LITTLE_BYTES:
            return ""
        return (
            f"the disk of the database is full ({free / 1e6:.1f} MB left): make room; what is "
            "recorded is kept, and trainings wait and go on by themselves"
        )

    def _prepare_file(self) -> None:
        """A file that took the place of another one may have no examples, and other studies."""
        opening = database(self._url).opening
        if opening != self._opening:
            examples.install()
            studies.release(self._url)
            self._opening = opening

    def _hand_out(self, pool: Pool, free: list[str]) -> None:
        """The runs whose turn it is to workers that train nothing."""
        in_hand = {(run.workspace, run.id) for run in pool.training()}
        left = [place for place in queue.waiting(self._url) if place not in in_hand]
        for address, (workspace, run_id) in zip(free, left, strict=False):
            if run := self._find(workspace, run_id):
                quota.make_room(database(self._url))
                pool.train(address, run)

    def _hand_out_job(self, pool: Pool) -> None:
        """One job at a time, whoever asked: two cores have no room for more beside a training."""
        jobs.take_back(self._url)
        process = pool.job_over()
        if process and self._handed:
            self._over = self._handed, process
        if self._over:  # told once, but the database may be away
            jobs.settle(self._url, *self._over)
            self._over = None
        waiting = jobs.waiting(self._url)
        if waiting and not pool.busy and pool.ready:
            workspace, self._handed = self._turn(waiting)
            pool.begin(workspace, self._handed.run_id, self._handed.name)

    def _turn(self, waiting: list[tuple[str, jobs.Job]]) -> tuple[str, jobs.Job]:
        """Of jobs in the order of asking, one of the workspace that was served longest ago."""
        asking = {job.asked_by for _, job in waiting}
        self._served = {who: turn for who, turn in self._served.items() if who in asking}
        found = min(waiting, key=lambda asked: self._served.get(asked[1].asked_by, 0))
        self._served[found[1].asked_by] = max(self._served.values(), default=0) + 1
        return found

    def _check_begun(self, run: Run) -> None:
        """A run that its worker gave back untouched would be handed out for ever."""
        columns = {"state": "queued", "queued_at": run.queued_at}
        reason = "its worker did not find it: does it use the same MNIST_DATABASE_URL?"
        Store(run.workspace, self._url).change(run.id, columns, state="failed", reason=reason)

    def _find(self, workspace: str, run_id: int) -> Run | None:
        try:
            return Store(workspace, self._url).run(run_id)
        except StoreError:  # it was deleted just now
            return None

    def _drop_pool(self) -> None:
        """End the pool; runs that its workers trained wait again, through no fault of their own."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        left: list[Run] = pool.training() if pool.ours else []
        try:
            pool.close()
        except Exception:  # its processes end with this one at the latest
            logger.exception("The workers did not end as they should")
        for handed in left:
            run = self._find(handed.workspace, handed.id)
            if run and run.state == "running" and queue.is_abandoned(run):
                with contextlib.suppress(StoreError):  # it is taken back when that is there again
                    queue.requeue(Store(run.workspace, self._url), run)
