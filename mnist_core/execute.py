"""A recorded run from queue to report: train what the store holds, write down all that happens."""

import time
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np

from mnist_core import dataset
from mnist_core.arrays import pack
from mnist_core.claims import claim
from mnist_core.database import StoreError
from mnist_core.errors import MnistError
from mnist_core.evaluate import Report
from mnist_core.predict import Predictor
from mnist_core.progress import Checkpoint, Epoch, Listener, Progress
from mnist_core.records import EpochKept, first_kernel, keep_epoch, keep_report, weights
from mnist_core.store import Request, Run, Store
from mnist_core.summary import Limits
from mnist_core.train import Outcome, train

RECORD_EVERY_S = 0.25


def execute(
    store: Store,
    run_id: int,
    watcher: Listener | None = None,
    limits: Limits | None = None,
    only_queued: bool = False,
) -> Run:
    """Train a run from its start or its last checkpoint; then evaluate it, unless it is paused.

    watcher: told the same as the store, and may stop the run as well. only_queued: leave a run
    alone that is no longer in the queue. Whatever ends the run, its state and reason are in the
    store; errors are raised again after that. Raises StoreError if another process trains it.
    """
    run = claim(store, run_id, only_queued)
    recorder = _Recorder(store, run, watcher)
    try:
        outcome = train(run.spec, recorder, recorder.checkpoint(), limits)
        recorder.keep(outcome.checkpoint)
        state = _state(outcome, recorder.request)
        if state != "paused" and run.sees_test:
            assess(store, run_id, recorder.predictor)
    except MnistError as error:
        recorder.leave_broken("failed", str(error))
        raise
    except BaseException as error:
        recorder.leave_broken("interrupted", f"it was cut off ({type(error).__name__})")
        raise
    recorder.leave(state, outcome.checkpoint.state.reason or run.reason)
    return store.run(run_id)


def _state(outcome: Outcome, request: Request | None) -> str:
    if outcome.finished:
        return "finished"
    return "paused" if request == "pause" else "stopped"


def predictor(store: Store, run_id: int) -> Predictor:
    """The network of a run, ready for images. Raises StoreError before it has weights."""
    return Predictor(store.run(run_id).spec.network, weights(store, run_id))


def assess(store: Store, run_id: int, ready: Predictor | None = None) -> Report:
    """Predict all 10,000 test images once, keep the probabilities, and report.

    ready: a predictor of this network with any weights, to be used again. Raises StoreError where
    the test images may not judge.
    """
    if not store.run(run_id).sees_test:
        raise StoreError(
            f"run {run_id} is a trial or a range test, which never see the test images: train its "
            "settings in full"
        )
    if ready:
        ready.assign(weights(store, run_id))
    probabilities = (ready or predictor(store, run_id)).probabilities(dataset.load().x_test)
    return keep_report(store, run_id, probabilities)


class _Recorder:
    """Writes a run's progress to the store, a few times a second at the most."""

    def __init__(self, store: Store, run: Run, watcher: Listener | None) -> None:
        self.store, self.run, self.watcher = store, run, watcher
        self.waiting: list[Progress] = []
        self.written = self.begun = time.perf_counter()
        self.request: Request | None = None
        self.last: Checkpoint | None = None
        self.kept = False
        self.predictor: Predictor | None = None

    def checkpoint(self) -> Checkpoint | None:
        """Where to go on, what was recorded past it forgotten."""
        data = self.store.get(self.run.id, "checkpoint")
        checkpoint = Checkpoint.from_bytes(data) if data else None
        if checkpoint and self.run.learning_rate is not None:
            state = replace(checkpoint.state, learning_rate=self.run.learning_rate)
            checkpoint = replace(checkpoint, state=state)
        self.last = checkpoint
        epoch, step = (checkpoint.state.epoch, checkpoint.state.step) if checkpoint else (0, 0)
        self.store.forget_after(self.run.id, epoch, epoch * self.run.steps + step)
        return checkpoint

    def on_progress(self, progress: Progress) -> bool:
        self.waiting.append(progress)
        if time.perf_counter() - self.written >= RECORD_EVERY_S:
            self.flush()
        go_on = self.watcher.on_progress(progress) if self.watcher else True
        return go_on and self.request is None

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> float | None:
        self.flush()
        self.last = checkpoint
        if self.run.sees_test:  # first: what is recorded has it
            self.keep_epoch(epoch.epoch, checkpoint.last_weights)
        rate = self.store.record_epoch(self.run.id, epoch, checkpoint.to_bytes())
        if self.watcher:
            self.watcher.on_epoch(epoch, checkpoint)
        return rate

    def keep_epoch(self, number: int, weights: dict[str, np.ndarray]) -> None:
        """Keep what the network is like now, for people to watch and to replay."""
        if self.predictor is None:
            self.predictor = Predictor(self.run.spec.network, weights)
        self.predictor.assign(weights)
        data, shown = dataset.load(), dataset.showcase()
        rows = np.concatenate([shown, dataset.sample()])
        probabilities = self.predictor.probabilities(data.x_test[rows])
        sampled = Report(probabilities[len(shown) :], data.y_test[dataset.sample()])
        kept = EpochKept(
            probabilities[: len(shown)],
            sampled.confusion.astype(np.uint16),
            first_kernel(weights),
        )
        keep_epoch(self.store, self.run.id, number, kept)

    def flush(self) -> None:
        """Write what waits, and hear what a person asks for."""
        if self.waiting:
            self.request = self.store.record_progress(self.run.id, self.waiting)
            self.waiting = []
        self.written = time.perf_counter()

    def keep(self, checkpoint: Checkpoint) -> None:
        """Write where training was left and how long it took, once."""
        self.flush()
        self.last, self.kept = checkpoint, True
        seconds = self.run.seconds + time.perf_counter() - self.begun
        data, weights_data = checkpoint.to_bytes(), pack(checkpoint.weights)
        self.store.keep_weights(self.run.id, data, weights_data, seconds)

    def leave_broken(self, state: str, reason: str) -> None:
        """Keep what the last whole epoch left, unless training itself was through."""
        if self.last and not self.kept:
            self.keep(self.last)
        self.flush()
        self.leave(state, reason)

    def leave(self, state: str, reason: str) -> None:
        """The last word on a run."""
        self.store.update(
            self.run.id,
            state=state,
            reason=reason,
            request=None,
            eta_s=None,
            finished_at=datetime.now(UTC),
        )
