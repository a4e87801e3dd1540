"""Runs the queue on Dask, with one local worker process unless an address is given.

The queue is in the database. One thread reads it, hands runs to workers that are free, requeues
runs whose worker died, advances studies, and replaces a local worker before TensorFlow holds too
much memory.
"""

import contextlib
import logging
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError
from dataclasses import replace
from time import monotonic
from typing import Any

import numpy as np

from mnist_core.engine import examples, tasks
from mnist_core.engine.dask_pool import Pool
from mnist_core.engine.status import OFF, Status, ready_status, starting_status
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs, queue
from mnist_core.experiments import studies
from mnist_core.insight.observation import Observation
from mnist_core.network import presets
from mnist_core.network.spec import Augmentation
from mnist_core.storage import quota
from mnist_core.storage.database import StoreError, database, default_url
from mnist_core.storage.leases import is_abandoned
from mnist_core.storage.runs import Store
from mnist_core.training.estimate import Speed, cost_per_image
from mnist_core.utils.errors import MnistError

STEP_EVERY_S = 0.5
AFTER_TROUBLE_S = 5
ANSWER_TIMEOUT_S = 60
LEAST_FREE_BYTES = 2_000_000  # an epoch of a network may write as much

logger = logging.getLogger(__name__)


class EngineError(MnistError):
    """No worker can answer now."""

    status = 1


class Engine:
    """Trains queued runs, one at a time per worker, and answers predictions beside them.

    memory_bytes: memory of a local worker at most; None for a share of the machine.
    """

    def __init__(self, memory_bytes: int | None = None) -> None:
        self._memory = memory_bytes
        self._thread: threading.Thread | None = None
        self._stopping, self._woken = threading.Event(), threading.Event()
        self._pool: Pool | None = None
        self._images_per_s: float | None = None
        self._last_ready = 0.0  # or when the engine started
        self._url = ""
        self._served: dict[str, int] = {}  # last turn of each workspace that waits for jobs
        self._ended: list[Run | jobs.Job] = []  # by a worker, and not yet looked at
        self._opening, self._trouble = 0, ""
        self._meanwhile: Callable[[], None] = lambda: None

    def start(self, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Start in a background thread, which calls `meanwhile` while workers start.

        Returns at once.
        """
        self._meanwhile = meanwhile
        self._stopping.clear()
        self._url = default_url()  # that of the workers too
        self._opening, self._trouble = 0, ""
        self._last_ready = monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True, name="engine")
        self._thread.start()

    def stop(self) -> None:
        """End everything that was started. Runs in training continue at the next start."""
        self._stopping.set()
        self._woken.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    def status(self) -> Status:
        """Return whether a worker is ready, and words for people."""
        if self._thread is None or not self._thread.is_alive():
            return OFF
        pool = self._pool
        ours = pool is None or pool.ours  # of a cluster, nothing is known here
        if pool and pool.ready:
            told = ready_status(self._images_per_s if ours else None)
        else:
            told = starting_status(monotonic() - self._last_ready if ours else 0)
        return replace(told, trouble=self._trouble, places=max(1, pool.places if pool else 1))

    def speed(self) -> Speed | None:
        """Return how fast this machine trains, measured on note-5; None before a worker has."""
        if not self._images_per_s:
            return None
        network = presets.find("note-5").network
        return Speed(
            self._images_per_s * cost_per_image(network), "a short trial when the app started"
        )

    def wake(self) -> None:
        """Read the queue now and not half a second later."""
        self._woken.set()

    def probabilities(self, workspace: str, run: Run, images: np.ndarray) -> np.ndarray:
        """Return what a trained run predicts: float32 (n, 10), rows sum to 1.

        images: uint8 (n, 28, 28), ink bright. Raises EngineError when no worker answers in time,
        StoreError for a run without weights.
        """
        return self._ask(tasks.probabilities, workspace, run.id, run.seconds, images)

    def assess_import(self, workspace: str, run: Run) -> None:
        """Measure an imported run on the test images, and store the report.

        Raises what `probabilities` raises, and ImportModelError.
        """
        self._ask(tasks.assess_import, workspace, run.id)

    def export(self, workspace: str, run: Run, ending: str) -> bytes:
        """Return a trained run as the bytes of a file.

        ending: that of one of `exporting.formats.FORMATS`. Raises what `probabilities` raises,
        and ExportError.
        """
        return self._ask(tasks.export, workspace, run.id, ending)

    def look(
        self, question: str, workspace: str, run: Run, images: np.ndarray, *about: object
    ) -> Any:
        """Return what one of `insight.questions.QUESTIONS` finds.

        images: uint8 (n, 28, 28), ink bright; about: what the question takes besides. Raises what
        `probabilities` raises.
        """
        asked = (question, workspace, run.id, run.seconds, images, *about)
        return self._ask(tasks.answer_question, *asked)

    def observe_training(
        self,
        workspace: str,
        run: Run,
        fresh: bool,
        images: np.ndarray,
        labels: np.ndarray,
        steps: int,
    ) -> Observation:
        """Return the observation of a trained run in some steps on one batch.

        fresh: start from its initial weights and not from the trained ones. images: uint8
        (n, 28, 28), ink bright; labels: (n,); steps: >= 1. Raises what `probabilities` raises.
        """
        asked = (workspace, run.id, run.seconds, fresh, images, labels, steps)
        return self._ask(tasks.observe_training, *asked)

    def augmented(
        self, image: np.ndarray, changes: Augmentation, seed: int, count: int
    ) -> np.ndarray:
        """Return variants of an image as training augments it: (count, 28, 28) uint8.

        image: (28, 28) uint8. Raises EngineError when no worker answers in time.
        """
        return self._ask(tasks.augmented, image, changes, seed, count)

    def _ask(self, task: Callable[..., object], *arguments: object) -> Any:
        """Return the result of one of `tasks.TASKS`; raise its MnistError."""
        pool, status = self._pool, self.status()
        if pool is None or not status.ready:
            raise EngineError(f"there is no answer yet: {status.words}")
        try:
            answer = pool.ask(task, *arguments).result(timeout=ANSWER_TIMEOUT_S)
        except TimeoutError:
            raise EngineError(
                f"the worker did not answer within {ANSWER_TIMEOUT_S} s: this server is slow or "
                "busy, so try again later"
            ) from None
        except (CancelledError, OSError, pool.killed) as error:
            raise EngineError(
                f"the worker was lost before it could answer ({type(error).__name__}): another one "
                "is starting, so try again in a few seconds"
            ) from error
        if isinstance(answer, MnistError):
            raise answer
        return answer

    def _run(self) -> None:
        """Step until the engine stops; start again after every error."""
        while not self._stopping.is_set():
            pause = STEP_EVERY_S
            try:
                self._step()
                self._trouble = self._disk_warning()
            except StoreError as error:  # the database is away; what trains waits as well
                if str(error) != self._trouble:
                    logger.warning("The engine waits: %s", error)
                self._trouble, pause = str(error), AFTER_TROUBLE_S
            except Exception:  # an engine that ends would be worse than every error
                logger.exception("The engine starts again")
                self._close_pool()
                pause = AFTER_TROUBLE_S
            self._woken.wait(pause)
            self._woken.clear()
        with contextlib.suppress(StoreError):  # another engine then waits until this process ends
            studies.release(self._url)
        self._close_pool()

    def _step(self) -> None:
        """Start the workers if needed, requeue what they lost, hand out what waits."""
        self._prepare_database()
        if self._pool and not self._pool.alive:
            logger.warning("The scheduler is gone; starting another one")
            self._close_pool()
        if self._pool is None:
            self._pool = Pool(self._url, self._memory, self._woken.set, self._prepare_pages)
        pool = self._pool
        self._ended += pool.refresh()
        while self._ended:  # each until the database has heard of it
            self._fail_untouched(self._ended[0])
            del self._ended[0]
        self._images_per_s = self._images_per_s or pool.measured_speed()
        if pool.ready:
            self._last_ready = monotonic()
        queue.recover_abandoned(self._url, pool.gone)
        jobs.fail_abandoned(self._url, pool.gone)
        self._start_runs(pool)
        self._start_job(pool)
        studies.advance(self._url, pool.places)

    def _prepare_pages(self) -> None:
        try:
            self._meanwhile()
        except Exception:  # pages that cannot be imported say so themselves
            logger.exception("The pages were not prepared")

    def _disk_warning(self) -> str:
        """Return a sentence for people where the disk of the database is full, else ""."""
        free = database(self._url).free_bytes
        if free is None or free >= LEAST_FREE_BYTES:
            return ""
        return (
            f"the disk of the database is full ({free / 1e6:.1f} MB left): make room; trainings "
            "wait and then continue, and what was recorded is kept"
        )

    def _prepare_database(self) -> None:
        """Install the examples in a database file that is new; its studies are new, too."""
        opening = database(self._url).opening
        if opening != self._opening:
            examples.install()
            studies.release(self._url)
            self._opening = opening

    def _start_runs(self, pool: Pool) -> None:
        """Hand the runs whose turn it is to workers that train nothing."""
        if pool.free <= 0:
            return
        started = {(run.workspace, run.id) for run in pool.training()}
        waiting = [place for place in queue.waiting(self._url) if place not in started]
        for workspace, run_id in waiting[: pool.free]:
            if run := self._find(workspace, run_id):
                quota.make_room(database(self._url))
                pool.train(run)

    def _start_job(self, pool: Pool) -> None:
        """Start the next job once no other runs.

        One at a time, whoever asked: two cores have no room for more beside a training.
        """
        waiting = jobs.waiting(self._url)
        if waiting and not pool.has_job and pool.ready:
            pool.start_job(*self._next_job(waiting))

    def _next_job(self, waiting: list[tuple[str, jobs.Job]]) -> tuple[str, jobs.Job]:
        """Return the first job of the workspace that was served longest ago."""
        asking = {job.asked_by for _, job in waiting}
        self._served = {who: turn for who, turn in self._served.items() if who in asking}
        found = min(waiting, key=lambda asked: self._served.get(asked[1].asked_by, 0))
        self._served[found[1].asked_by] = max(self._served.values(), default=0) + 1
        return found

    def _fail_untouched(self, ended: Run | jobs.Job) -> None:
        """Fail a run or job that its worker gave back untouched; it would be handed out forever."""
        if isinstance(ended, jobs.Job):
            jobs.fail_untouched(self._url, ended)
            return
        columns = {"state": "queued", "queued_at": ended.queued_at, "lost": ended.lost}
        reason = "its worker did not find it: does it use the same MNIST_DATABASE_URL?"
        store = Store(ended.workspace, self._url)
        store.change(ended.id, columns, state="failed", reason=reason)

    def _find(self, workspace: str, run_id: int) -> Run | None:
        try:
            return Store(workspace, self._url).run(run_id)
        except StoreError:  # it was deleted just now
            return None

    def _close_pool(self) -> None:
        """Close the pool; runs that its workers trained are queued again, with no loss counted."""
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
            if run and run.state == "running" and is_abandoned(run):
                with contextlib.suppress(StoreError):  # it is taken back when that is there again
                    queue.requeue(Store(run.workspace, self._url), run)
