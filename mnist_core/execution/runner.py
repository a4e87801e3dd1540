"""A stored run from the queue to its report: claim, train, record, evaluate."""

from datetime import UTC, datetime

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Listener
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run, State
from mnist_core.execution.queue import claim
from mnist_core.execution.recorder import Recorder, retry_while_away
from mnist_core.importing import pixel_scale
from mnist_core.importing.recording import record_report
from mnist_core.insight.batch_training import BatchTrainer
from mnist_core.insight.feature_maps import FeatureExtractor
from mnist_core.storage import quota
from mnist_core.storage.artifacts import (
    check_sees_test,
    load_start,
    load_weights,
    save_report,
)
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from mnist_core.training.predictor import Predictor
from mnist_core.training.trainer import Outcome, train
from mnist_core.utils.errors import MnistError
from mnist_core.utils.npz import fingerprint, pack
from mnist_core.utils.server_settings import server_settings
from mnist_core.utils.text import duration

FOR_255 = (
    f"it was trained on pixels from 0 to 255 (checked on {pixel_scale.IMAGES:,} training images), "
    "so the factor 255 was built into its first layer; this does not change its answers"
)


def execute(
    store: Store,
    run_id: int,
    watcher: Listener | None = None,
    only_queued: bool = False,
) -> Run:
    """Train a run from its start or its last checkpoint; evaluate it unless it is paused.

    watcher: a listener besides the store, which may stop the run as well. only_queued: leave a run
    alone that is no longer in the queue. Whatever ends the run, its state and reason are in the
    store; errors are raised again after that. Waits for a database that is away. Raises StoreError
    if another process trains the run.
    """
    now = datetime.now(UTC)
    run = retry_while_away(lambda: claim(store, run_id, only_queued, now))
    recorder = retry_while_away(lambda: Recorder(store, run, watcher))
    try:
        quota.check_network(run.spec.network)  # it may be older than the limits of this server
        watched = recorder.keep_guesses if run.sees_test else None
        checkpoint = retry_while_away(recorder.checkpoint)
        if checkpoint and run.request == "stop":  # it was paused; nothing is trained
            outcome = Outcome(checkpoint, finished=False)
        else:
            start = retry_while_away(lambda: recorder.start)
            digits = retry_while_away(lambda: recorder.digits)
            outcome = train(run.spec, recorder, checkpoint, watched, start, digits)
        recorder.keep_checkpoint(outcome.checkpoint)
        state, reason = _end(outcome, recorder)
        if state != "paused" and run.sees_test:
            retry_while_away(lambda: assess(store, run_id, recorder.predictor))
    except MnistError as error:
        recorder.abort("failed", str(error))
        raise
    except BaseException as error:
        wait = isinstance(error, Exception)  # a person who ends the process does not wait
        recorder.abort("interrupted", f"it was cut off ({type(error).__name__})", wait)
        raise
    recorder.finish(state, reason or run.reason)
    return retry_while_away(lambda: store.run(run_id))


def _end(outcome: Outcome, recorder: Recorder) -> tuple[State, str]:
    """Return the state in which training has left a run, and why."""
    if outcome.finished:
        return "finished", outcome.checkpoint.state.reason
    if recorder.request == "pause":
        return "paused", ""
    if recorder.request is None and recorder.out_of_time:
        most = duration(server_settings().max_seconds)
        return "stopped", f"it reached this server's limit of {most} of training"
    return "stopped", ""


def predictor(store: Store, run_id: int) -> Predictor:
    """Return the network of a run, ready for images. Raises StoreError before it has weights."""
    return Predictor(store.run(run_id).spec.network, load_weights(store, run_id))


def feature_extractor(store: Store, run_id: int) -> FeatureExtractor:
    """Return the network of a run with the outputs of all layers.

    Raises StoreError before it has weights.
    """
    return FeatureExtractor(store.run(run_id).spec.network, load_weights(store, run_id))


def batch_trainer(store: Store, run_id: int) -> BatchTrainer:
    """Return the network of a run with its optimizer. Raises StoreError before it has weights."""
    run = store.run(run_id)
    return BatchTrainer(run.spec, load_weights(store, run_id), load_start(store, run))


def assess_import(store: Store, run_id: int) -> Report:
    """Measure an imported network on the test images; store and return the report.

    A network that was trained on pixels from 0 to 255 gets the factor into its first layer, and
    its run says so. Raises ImportModelError where its numbers are not finite.
    """
    run = store.run(run_id)
    if not run.origin:
        raise StoreError(f"run {run.number} was trained here and not imported: use its own report")
    weights = load_weights(store, run_id)
    ready = Predictor(run.spec.network, weights)
    divided = pixel_scale.for_unit_pixels(run.spec.network, weights)
    data = mnist.load()
    if divided is not None:
        images = data.x_train[: pixel_scale.IMAGES]
        unit = ready.probabilities(images)
        ready.assign(divided)
        full = ready.probabilities(images)
        if pixel_scale.is_for_255(unit, full, data.y_train[: pixel_scale.IMAGES]):
            columns = {"reason": f"{run.reason}; {FOR_255}", "weights_hash": fingerprint(divided)}
            store.put(run_id, "weights", pack(divided), **columns)
        else:
            ready.assign(weights)
    return record_report(store, run, ready.probabilities(data.x_test))


def assess(store: Store, run_id: int, ready: Predictor | None = None) -> Report:
    """Predict all 10,000 test images once, store the probabilities, and return the report.

    ready: a predictor of this network with any weights, to save building one. Raises StoreError
    for a trial or a range test.
    """
    check_sees_test(store.run(run_id))
    if ready:
        ready.assign(load_weights(store, run_id))
    probabilities = (ready or predictor(store, run_id)).probabilities(mnist.load().x_test)
    return save_report(store, run_id, probabilities)


def assess_shifted(store: Store, run_id: int, pixels: int) -> Report:
    """Predict all test images at every shift of up to `pixels` pixels; report the mean answers.

    Nothing is stored: the report of a run is that of the images as they are. Raises StoreError for
    a trial or a range test.
    """
    check_sees_test(store.run(run_id))
    ready, data = predictor(store, run_id), mnist.load()
    padded = np.pad(data.x_test, ((0, 0), (pixels, pixels), (pixels, pixels)))
    answers = [
        ready.probabilities(padded[:, down : down + mnist.SIDE, right : right + mnist.SIDE])
        for down, right in np.ndindex(2 * pixels + 1, 2 * pixels + 1)
    ]
    return Report(np.mean(answers, axis=0), data.y_test)
