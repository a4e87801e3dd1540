"""What runs in a worker process: TensorFlow warmed before the first task, then the tasks.

Preloaded by `dask worker --preload mnist_core.worker`. TensorFlow is imported where it is used, so
that the engine can name the tasks without it.
"""

import contextlib
import tempfile
import traceback
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from mnist_core import dataset, presets
from mnist_core.claims import this_process
from mnist_core.errors import MnistError
from mnist_core.memory import give_back
from mnist_core.named import call
from mnist_core.progress import Checkpoint, Epoch, Progress
from mnist_core.spec import Spec, Split, Training
from mnist_core.store import Store

if TYPE_CHECKING:
    from mnist_core.insight.lens import Lens
    from mnist_core.predict import Predictor

KEPT = 8  # opened networks, of each kind

Version = tuple[str, int, float]
"""Workspace, run id, and a number that is another one for other weights."""

_predictors: "OrderedDict[Version, Predictor]" = OrderedDict()
_lenses: "OrderedDict[Version, Lens]" = OrderedDict()
_lock = Lock()


def dask_setup(_worker: object) -> None:
    """Warm up before the worker reports to its scheduler: from then on it answers at once."""
    from mnist_core.quiet import start_tensorflow

    start_tensorflow()
    from mnist_core.build import build, weights_of
    from mnist_core.predict import Predictor
    from mnist_core.trainee import tensors

    for part in ("train", "test"):
        tensors(part)

    network = presets.find("note-5").network
    Predictor(network, weights_of(build(network))).probabilities(dataset.load().x_test[:1])
    give_back()


def train(workspace: str, run_id: int) -> None:
    """Train a run that waits in the queue; how it went is in the store."""
    from mnist_core.execute import execute
    from mnist_core.recorder import patiently

    with contextlib.suppress(MnistError):  # the run, if there is one, says why
        execute(patiently(lambda: Store(workspace)), run_id, only_queued=True)
    give_back()


def measure() -> float:
    """Training images a second of note-5's network on this machine; warms training as well."""
    from mnist_core.train import train as fit

    split = Split(kind="none", limit=5000)
    network, training = presets.find("note-5").network, Training(epochs=2)
    seen = _Epochs()
    fit(Spec(network=network, training=training, split=split), seen)
    return split.images / seen.last.seconds


class _Epochs:
    """A listener that only remembers."""

    last: Epoch

    def on_progress(self, progress: Progress) -> bool:
        return True

    def on_epoch(self, epoch: Epoch, checkpoint: Checkpoint) -> None:
        self.last = epoch


def answer(task: str, *arguments: Any) -> Any:
    """What a task returns, or its MnistError as a value: raised, Dask would log a traceback."""
    try:
        return call(task, *arguments)
    except MnistError as error:
        return error


def probabilities(workspace: str, run_id: int, version: float, images: np.ndarray) -> np.ndarray:
    """images: uint8 (n, 28, 28) -> float32 (n, 10)."""
    from mnist_core.execute import predictor

    key = (workspace, run_id, version)
    kept = _kept(_predictors, key, lambda: predictor(Store(workspace), run_id))
    return kept.probabilities(images)


def look(question: str, workspace: str, run_id: int, version: float, images: np.ndarray) -> Any:
    """What `insight.questions.QUESTIONS` has under that name. images: uint8 (n, 28, 28)."""
    from mnist_core.insight.lens import lens
    from mnist_core.insight.questions import QUESTIONS

    key = (workspace, run_id, version)
    return QUESTIONS[question](_kept(_lenses, key, lambda: lens(Store(workspace), run_id)), images)


def work(workspace: str, run_id: int, name: str) -> tuple[str, str]:
    """Do a job of `mnist_core.jobs`, if it still waits; how it went is in the store.

    Returns the name of this process, and the traceback of an error that was nobody's to explain.
    """
    from mnist_core.insight.work import work as do

    try:
        do(Store(workspace), run_id, name)
    except Exception:
        return this_process(), traceback.format_exc()
    finally:
        give_back()
    return this_process(), ""


Kept = TypeVar("Kept")


def _kept(kept: "OrderedDict[Version, Kept]", key: Version, make: Callable[[], Kept]) -> Kept:
    with _lock:
        if key not in kept:
            kept[key] = make()
        kept.move_to_end(key)
        while len(kept) > KEPT:
            kept.popitem(last=False)
        return kept[key]


def export(workspace: str, run_id: int, ending: str) -> bytes:
    """A run as the bytes of a file, its ending that of one of `takeaway.formats.FORMATS`."""
    from mnist_core.export import export as write

    with tempfile.TemporaryDirectory() as folder:
        return write(Store(workspace), run_id, Path(folder) / f"model{ending}").read_bytes()
