"""The tasks that a worker process runs, and the start of TensorFlow before the first of them.

Preloaded by `dask worker --preload mnist_core.engine.tasks`. TensorFlow is imported where it is
used, so that the engine can name the tasks without it.
"""

import contextlib
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Checkpoint, Epoch, Progress
from mnist_core.network import presets
from mnist_core.network.spec import Augmentation, Spec, Split, Training
from mnist_core.storage.leases import this_process
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import MnistError
from mnist_core.utils.memory import release_memory

if TYPE_CHECKING:
    from distributed import Worker

    from mnist_core.insight.batch_training import BatchTrainer
    from mnist_core.insight.feature_maps import FeatureExtractor
    from mnist_core.insight.observation import Observation
    from mnist_core.training.predictor import Predictor

KEPT = 8  # networks in memory, of each kind
KEPT_TRAINERS = 2  # they have an optimizer and two sets of weights besides

Version = tuple[str, int, float]
"""Workspace, run id, and a number that changes with the weights of the run."""

_predictors: "OrderedDict[Version, Predictor]" = OrderedDict()
_extractors: "OrderedDict[Version, FeatureExtractor]" = OrderedDict()
_trainers: "OrderedDict[Version, BatchTrainer]" = OrderedDict()
_lock = Lock()


def dask_setup(worker: "Worker") -> None:
    """Start TensorFlow; Dask calls this before the worker reports to its scheduler.

    From then on the worker answers at once. It also reports the name under which this process
    claims runs, so that an engine knows what to requeue when the worker is gone.
    """
    worker.startup_information["process"] = lambda _: this_process()
    from mnist_core.utils.tensorflow import start_tensorflow

    start_tensorflow()
    from mnist_core.training.train_step import tensors

    for part in ("train", "test"):
        tensors(part)
    with contextlib.suppress(MnistError):  # without its database a worker starts too
        _prepare_example()
    release_memory()


def _prepare_example() -> None:
    """Predict with the best example, which reads the first digit that a visitor draws."""
    examples = [run for run in Store().examples() if run.test_accuracy is not None]
    if examples:
        best = max(examples, key=lambda run: run.test_accuracy or 0)
        probabilities(best.workspace, best.id, best.seconds, mnist.load().x_test[:1])


def train(workspace: str, run_id: int) -> None:
    """Train a queued run; its state and reason in the store say how it went."""
    from mnist_core.execution.recorder import retry_while_away
    from mnist_core.execution.runner import execute

    with contextlib.suppress(MnistError):  # the run, if there is one, says why
        execute(retry_while_away(lambda: Store(workspace)), run_id, only_queued=True)
    release_memory()


def measure() -> float:
    """Return how many images per second the network of note-5 trains on here.

    The first real training starts faster after it.
    """
    from mnist_core.training.trainer import train as fit

    split = Split(kind="none", limit=2000)
    network, training = presets.find("note-5").network, Training(epochs=2)
    listener = _LastEpoch()
    fit(Spec(network=network, training=training, split=split), listener)
    return split.images / listener.last.seconds


class _LastEpoch:
    """A listener that keeps the last epoch."""

    last: Epoch

    def on_progress(self, progress: Progress) -> bool:
        return True

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> None:
        self.last = epoch


def probabilities(workspace: str, run_id: int, version: float, images: np.ndarray) -> np.ndarray:
    """Return the probabilities that a run predicts, float32 (n, 10). images: uint8 (n, 28, 28)."""
    from mnist_core.execution.runner import predictor

    key = (workspace, run_id, version)
    kept = _kept(_predictors, key, lambda: predictor(Store(workspace), run_id))
    return kept.probabilities(images)


def assess_import(workspace: str, run_id: int) -> None:
    """Measure an imported network on the test images, as `execution.runner.assess_import` does."""
    from mnist_core.execution import runner

    runner.assess_import(Store(workspace), run_id)


def answer_question(
    question: str, workspace: str, run_id: int, version: float, images: np.ndarray, *about: object
) -> object:
    """Return what one of `insight.questions.QUESTIONS` finds. images: uint8 (n, 28, 28)."""
    from mnist_core.execution.runner import feature_extractor
    from mnist_core.insight.questions import QUESTIONS

    key = (workspace, run_id, version)
    extractor = _kept(_extractors, key, lambda: feature_extractor(Store(workspace), run_id))
    return QUESTIONS[question](extractor, images, *about)


def observe_training(
    workspace: str,
    run_id: int,
    version: float,
    fresh: bool,
    images: np.ndarray,
    labels: np.ndarray,
    steps: int,
) -> "Observation":
    """Return what is seen of a run in some steps on one batch, as `BatchTrainer.observe` does."""
    from mnist_core.execution.runner import batch_trainer

    key = (workspace, run_id, version)
    kept = _kept(_trainers, key, lambda: batch_trainer(Store(workspace), run_id), KEPT_TRAINERS)
    return kept.observe(fresh, images, labels, steps)


def run_job(workspace: str, run_id: int, name: str) -> None:
    """Run a queued job of `execution.jobs`; its result, or why there is none, is in the store."""
    from mnist_core.execution import job_tasks

    try:
        job_tasks.run_job(Store(workspace), run_id, name)
    finally:
        release_memory()


Kept = TypeVar("Kept")


def _kept(
    kept: "OrderedDict[Version, Kept]", key: Version, make: Callable[[], Kept], most: int = KEPT
) -> Kept:
    """Return the network of that version; make it if it is not among the `most` used last."""
    with _lock:
        if key not in kept:
            kept[key] = make()
        kept.move_to_end(key)
        while len(kept) > most:
            kept.popitem(last=False)
        return kept[key]


def export(workspace: str, run_id: int, ending: str) -> bytes:
    """Return a run as the bytes of a file. ending: that of one of `exporting.formats.FORMATS`."""
    from mnist_core.exporting.export import export as write

    with tempfile.TemporaryDirectory() as folder:
        return write(Store(workspace), run_id, Path(folder) / f"model{ending}").read_bytes()


def augmented(image: np.ndarray, changes: Augmentation, seed: int, count: int) -> np.ndarray:
    """Return variants of an image as training augments it: (count, 28, 28) uint8."""
    from mnist_core.training.augmentation import variants

    return variants(image, changes, seed, count)


TASKS: dict[str, Callable[..., object]] = {
    task.__name__: task
    for task in (
        train,
        measure,
        probabilities,
        assess_import,
        answer_question,
        observe_training,
        run_job,
        export,
        augmented,
    )
}
"""All that a server may ask of a worker, by name."""
