"""A recorded run from queue to report: train what the store holds, write down all that happens."""

from datetime import UTC, datetime

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Listener
from mnist_core.evaluation.report import Report
from mnist_core.execution.queue import claim
from mnist_core.execution.recorder import Recorder, retry_while_away
from mnist_core.insight.feature_maps import FeatureExtractor
from mnist_core.storage.artifacts import keep_report, weights
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Run, Store
from mnist_core.training.predictor import Predictor
from mnist_core.training.trainer import Outcome, train
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import duration


def execute(
    store: Store,
    run_id: int,
    watcher: Listener | None = None,
    only_queued: bool = False,
) -> Run:
    """Train a run from its start or its last checkpoint; then evaluate it, unless it is paused.

    watcher: told the same as the store, and may stop the run as well. only_queued: leave a run
    alone that is no longer in the queue. Whatever ends the run, its state and reason are in the
    store; errors are raised again after that. A database that is away is waited for. Raises
    StoreError if another process trains it.
    """
    now = datetime.now(UTC)
    run = retry_while_away(lambda: claim(store, run_id, only_queued, now))
    recorder = retry_while_away(lambda: Recorder(store, run, watcher))
    try:
        outcome = train(run.spec, recorder, retry_while_away(recorder.checkpoint))
        recorder.keep(outcome.checkpoint)
        state, reason = _end(outcome, recorder)
        if state != "paused" and run.sees_test:
            retry_while_away(lambda: assess(store, run_id, recorder.predictor))
    except MnistError as error:
        recorder.leave_broken("failed", str(error))
        raise
    except BaseException as error:
        wait = isinstance(error, Exception)  # a person who ends the process does not wait
        recorder.leave_broken("interrupted", f"it was cut off ({type(error).__name__})", wait)
        raise
    recorder.leave(state, reason or run.reason)
    return retry_while_away(lambda: store.run(run_id))


def _end(outcome: Outcome, recorder: Recorder) -> tuple[str, str]:
    """The state in which training has left a run, and why."""
    if outcome.finished:
        return "finished", outcome.checkpoint.state.reason
    if recorder.request == "pause":
        return "paused", ""
    if recorder.request is None and recorder.out_of_time:
        most = duration(server_settings().max_seconds)
        return "stopped", f"on this server a run may train for {most}, and it has had them"
    return "stopped", ""


def predictor(store: Store, run_id: int) -> Predictor:
    """The network of a run, ready for images. Raises StoreError before it has weights."""
    return Predictor(store.run(run_id).spec.network, weights(store, run_id))


def feature_extractor(store: Store, run_id: int) -> FeatureExtractor:
    """The network of a run, all layers in reach. Raises StoreError before it has weights."""
    return FeatureExtractor(store.run(run_id).spec.network, weights(store, run_id))


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
    probabilities = (ready or predictor(store, run_id)).probabilities(mnist.load().x_test)
    return keep_report(store, run_id, probabilities)
