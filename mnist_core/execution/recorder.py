"""Recording a run in the store while it trains, and waiting while the database is unavailable."""

import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from typing import TypeVar

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.dataset.training_set import Digits, training_set
from mnist_core.evaluation.histograms import histograms
from mnist_core.evaluation.history import Checkpoint, Epoch, Listener, Progress
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Request, Run, State
from mnist_core.network.summary import kernel_names, summarize
from mnist_core.storage import handwriting
from mnist_core.storage.artifacts import (
    EpochSnapshot,
    first_kernel,
    load_start,
    save_epoch_snapshot,
    save_guesses,
    save_rate_change,
)
from mnist_core.storage.database import DatabaseUnavailableError, ReadOnlyError, StoreError
from mnist_core.storage.leases import this_process
from mnist_core.storage.runs import Store
from mnist_core.training.gradients import gradients
from mnist_core.training.model import initial_weights
from mnist_core.training.predictor import Predictor
from mnist_core.utils.npz import fingerprint, pack
from mnist_core.utils.server_settings import server_settings

RECORD_EVERY_S = 0.25
GRADIENT_IMAGES = 32
RETRY_EVERY_S = 1.0
"""Pause between attempts while the database is unavailable."""

Written = TypeVar("Written")
logger = logging.getLogger(__name__)


def retry_while_away(write: Callable[[], Written]) -> Written:
    """Call `write` until the database is available; return the result."""
    logged = False
    while True:
        try:
            return write()
        except DatabaseUnavailableError as error:
            if not logged:
                logger.warning("A run waits: %s", error)
            logged = True
            time.sleep(RETRY_EVERY_S)


class Recorder:
    """Writes the progress of a run to the store, a few times per second at most.

    While the database is unavailable, batches are held back and the end of an epoch waits: records
    stay in order, and at most one checkpoint is in memory. watcher: another listener.
    """

    def __init__(self, store: Store, run: Run, watcher: Listener | None) -> None:
        self.store, self.run, self.watcher = store, run, watcher
        self.waiting: list[Progress] = []
        self.written = self.begun = time.perf_counter()
        self.away = False  # whether the last attempt found the database unavailable
        self.request: Request | None = run.request
        self.patient = True
        self.last: Checkpoint | None = None
        self.kept = False
        self.predictor: Predictor | None = None

    @cached_property
    def start(self) -> dict[str, np.ndarray] | None:
        """The weights that the run starts from, None for random ones. Raises StoreError."""
        return load_start(self.store, self.run)

    @cached_property
    def digits(self) -> Digits | None:
        """The handwriting that the run learns from, None for MNIST alone. Raises MnistError."""
        return handwriting.learned_digits(self.store, self.run.spec.split)

    @cached_property
    def first_images(self) -> tuple[np.ndarray, np.ndarray]:
        """Images and labels of the first GRADIENT_IMAGES training images."""
        learned = training_set(self.run.spec.split, self.digits)
        batch = learned.rows[:GRADIENT_IMAGES]
        return learned.images[batch], learned.labels[batch]

    @property
    def seconds(self) -> float:
        """Seconds in training, before a pause too, without those of waiting for the database."""
        return self.run.seconds + time.perf_counter() - self.begun

    @property
    def out_of_time(self) -> bool:
        """Whether it has trained as long as a hosted server allows."""
        return server_settings().out_of_time(self.seconds)

    def checkpoint(self) -> Checkpoint | None:
        """Return the stored checkpoint, if any; delete what was recorded after it."""
        data = self.store.get(self.run.id, "checkpoint")
        checkpoint = Checkpoint.from_bytes(data) if data else None
        epoch, step = (checkpoint.state.epoch, checkpoint.state.step) if checkpoint else (0, 0)
        rate = self.run.learning_rate
        if checkpoint and rate is not None and rate != checkpoint.state.learning_rate:
            checkpoint = replace(checkpoint, state=replace(checkpoint.state, learning_rate=rate))
            save_rate_change(self.store, self.run.id, epoch + step / self.run.steps, rate)
        self.last = checkpoint
        self.store.delete_records_after(self.run.id, epoch, epoch * self.run.steps + step)
        return checkpoint

    def on_progress(self, progress: Progress) -> bool:
        self.waiting.append(progress)
        pause = RETRY_EVERY_S if self.away else RECORD_EVERY_S
        if time.perf_counter() - self.written >= pause:
            try:
                self.flush()
            except DatabaseUnavailableError as error:
                logger.info("Batches are held back: %s", error)
        go_on = self.watcher.on_progress(progress) if self.watcher else True
        return go_on and self.request is None and not self.out_of_time

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> float | None:
        self._wait(self.flush)
        self.last = checkpoint
        if self.run.sees_test:  # first: what is recorded has it
            self.keep_epoch(epoch.epoch, checkpoint.last_weights)
        data = checkpoint.to_bytes()
        rate = self._wait(lambda: self.store.record_epoch(self.run.id, epoch, data))
        if rate is not None and rate != checkpoint.state.learning_rate:
            self._wait(lambda: save_rate_change(self.store, self.run.id, epoch.epoch, rate))
        if self.watcher:
            self.watcher.on_epoch(epoch, checkpoint)
        return rate

    def keep_guesses(self, probabilities: np.ndarray) -> None:
        """Store what the network reads now, (20, 10), for people to watch.

        While the database is unavailable, nothing is stored: the batches keep trying, and matter
        more.
        """
        if self.away:
            return
        try:
            self._check_held()
            save_guesses(self.store, self.run.id, probabilities)
        except DatabaseUnavailableError:
            self.away = True

    def keep_epoch(self, number: int, weights: dict[str, np.ndarray]) -> None:
        """Store a snapshot of an epoch, and one of the beginning before that of the first epoch."""
        if self.predictor is None:
            self.predictor = Predictor(self.run.spec.network, weights)
        if number == 1:
            self._keep_snapshot(0, initial_weights(self.run.spec, self.start), self.predictor)
        self._keep_snapshot(number, weights, self.predictor)

    def _keep_snapshot(
        self, number: int, weights: dict[str, np.ndarray], predictor: Predictor
    ) -> None:
        """Store predictions, first kernel and histograms, for people to watch and to replay."""
        predictor.assign(weights)
        spec, data, shown = self.run.spec, mnist.load(), mnist.showcase()
        rows = np.concatenate([shown, mnist.sample_rows()])
        probabilities = predictor.probabilities(data.x_test[rows])
        sampled = Report(probabilities[len(shown) :], data.y_test[mnist.sample_rows()])
        slopes = gradients(predictor.model, spec.training, *self.first_images)
        names = kernel_names(summarize(spec.network).rows)
        kept = EpochSnapshot(
            probabilities[: len(shown)],
            sampled.confusion.astype(np.uint16),
            first_kernel(weights),
            histograms(weights[name] for name in names),
            histograms(slopes[name] for name in names),
        )
        self._wait(lambda: save_epoch_snapshot(self.store, self.run.id, number, kept))

    def flush(self) -> None:
        """Write the batches held back, and read the user's request.

        Raises DatabaseUnavailableError.
        """
        try:
            if self.waiting:
                self._check_held()
                self.request = self.store.record_progress(self.run.id, self.waiting)
                self.waiting, self.away = [], False
        except DatabaseUnavailableError:
            self.away = True
            raise
        finally:
            self.written = time.perf_counter()

    def keep_checkpoint(self, checkpoint: Checkpoint) -> None:
        """Store the checkpoint at which training ended, its weights and its seconds, once."""
        self._wait(self.flush)
        self.last, self.kept = checkpoint, True
        weights = pack(checkpoint.weights), fingerprint(checkpoint.weights)
        data, seconds = checkpoint.to_bytes(), self.seconds
        self._wait(lambda: self.store.save_weights(self.run.id, data, *weights, seconds))

    def abort(self, state: State, reason: str, wait: bool = True) -> None:
        """Finish a run that an error ended: store the checkpoint of its last whole epoch.

        wait: for an unavailable database; otherwise the run may look like one whose process died.
        """
        self.patient = wait
        with suppress(DatabaseUnavailableError, ReadOnlyError):
            if self.last and not self.kept:
                self.keep_checkpoint(self.last)
            self._wait(self.flush)
            self.finish(state, reason)

    def finish(self, state: State, reason: str) -> None:
        """Store the state in which a run ends, and why, if it is still this process's."""
        held = {"state": "running", "worker": this_process()}
        last = {"state": state, "reason": reason, "request": None, "eta_s": None}
        last["finished_at"] = datetime.now(UTC)
        self._wait(lambda: self.store.change(self.run.id, held, **last), check=False)

    def _wait(self, write: Callable[[], Written], check: bool = True) -> Written:
        """Call `write` until the database is available; waiting does not count as training.

        check: that no other process has the run by then.
        """
        attempts = 0

        def attempt() -> Written:
            nonlocal attempts
            attempts += 1
            if check:
                self._check_held()
            return write()

        if not self.patient:
            return attempt()
        begun = time.perf_counter()
        written = retry_while_away(attempt)
        if attempts > 1:
            self.begun += time.perf_counter() - begun
        self.away = False
        return written

    def _check_held(self) -> None:
        """Raise StoreError if this process no longer holds the run.

        Its worker may have counted as lost, so that another one has it, or the database file was
        replaced.
        """
        if not self.store.is_held(self.run):
            raise StoreError(
                f"run {self.run.number} no longer exists, or another worker has taken it over: "
                "open the run again"
            )
