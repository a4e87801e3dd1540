"""Cached results of the core: the only module with `st.cache_data` and `st.cache_resource`.

All caches are bounded and shared between sessions. A run's results are cached under its version
(`_version`): its id, its seconds of training, which grow when it resumes, the open workspace and
the like. Callers must not change cached results.
"""

import functools
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist, samples
from mnist_core.dataset.samples import GreyLevels, Part, Typicality
from mnist_core.engine.engine import Engine
from mnist_core.evaluation import calibration
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.exporting import formats, texts
from mnist_core.insight.neighbors import Space
from mnist_core.insight.observation import Observation
from mnist_core.insight.selective_prediction import SelectivePrediction
from mnist_core.network.spec import Augmentation, Split
from mnist_core.storage import artifacts, handwriting, quota
from mnist_core.storage.artifacts import EpochSnapshot
from mnist_core.storage.learned import Marks
from mnist_core.storage.runs import Store
from mnist_core.teaching import challenges
from ui.session import visitor

P = ParamSpec("P")
T = TypeVar("T")


@functools.cache
def engine() -> Engine:
    """Return the service that has workers train and answer; `app.py` starts and stops it.

    It is not in Streamlit's caches, which a websocket message from anybody can empty.
    """
    return Engine()


def store() -> Store:
    """Return the store of the workspace that is open, which also reads the examples."""
    return Store(visitor.workspace(), visitor=visitor.own_workspace())


def own_store() -> Store:
    """Return the store of the visitor's own workspace, also while a class's is open."""
    return Store(visitor.own_workspace())


def _version(run: Run) -> tuple[object, ...]:
    """Return what a run's cached results depend on; other workspaces never share an entry."""
    done = run.seconds, run.epochs, run.state, run.test_accuracy
    return run.id, run.name, *done, visitor.workspace()


_HASHES: dict[str | type[Any], Callable[[Any], Any]] = {
    Run: _version,
    Split: Split.model_dump_json,
    Augmentation: Augmentation.model_dump_json,
}


class _Missing(Exception):
    """Raised where there is no result to cache yet: Streamlit does not cache exceptions."""


def _none_if_missing(read: Callable[P, T]) -> Callable[P, T | None]:
    """Return a function that returns None where `read` raises _Missing."""

    @functools.wraps(read)
    def read_or_none(*args: P.args, **kwargs: P.kwargs) -> T | None:
        try:
            return read(*args, **kwargs)
        except _Missing:
            return None

    return read_or_none


def _found(value: T | None) -> T:
    if value is None:
        raise _Missing
    return value


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=_HASHES)
def report(run: Run) -> Report | None:
    """Return the report of a run, None before it was evaluated."""
    return None if run.test_accuracy is None else artifacts.load_report(store(), run.id)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=_HASHES)
def weights(run: Run) -> dict[str, np.ndarray]:
    """Return all weights of a trained run by name, such as conv2d_1/kernel."""
    return artifacts.load_weights(store(), run.id)


@st.cache_data(max_entries=200, show_spinner=False, hash_funcs=_HASHES)
def probabilities(run: Run, images: np.ndarray) -> np.ndarray:
    """Return what a run reads: uint8 (n, 28, 28) -> float32 (n, 10).

    Raises EngineError while no worker answers.
    """
    return engine().probabilities(visitor.workspace(), run, images)


@st.cache_resource(max_entries=200, show_spinner=False, hash_funcs=_HASHES)
def class_reading(run: Run) -> dict[str, np.ndarray]:
    """Return a run's predictions for the workspace's handwriting; all sessions add to them.

    Empty at first; then "read": float64 (n, 11), the id of each digit and its ten probabilities.
    The array is replaced as a whole.
    """
    return {}


@st.cache_resource(max_entries=200, show_spinner=False, hash_funcs=_HASHES)
def _learned_marks(run: Run) -> Marks:
    return handwriting.learned_marks(store(), run.id)


def learned_marks(run: Run) -> Marks:
    """Return the marks of the digits and writers that a run has learned from."""
    own = run.spec.split.handwriting or run.spec.transfer  # other runs have none
    return _learned_marks(run) if own else Marks()


@st.cache_resource(max_entries=100, show_spinner=False, hash_funcs=_HASHES)
def answer(question: str, run: Run, image: np.ndarray, *about: Any) -> Any:
    """Return what a run's network answers about one image; see `mnist_core.insight.questions`.

    image: (28, 28) uint8; about: further arguments of the question. Raises EngineError while no
    worker answers.
    """
    return engine().look(question, visitor.workspace(), run, image[None], *about)


@st.cache_data(max_entries=20, show_spinner=False, hash_funcs=_HASHES)
def features(run: Run, images: np.ndarray) -> np.ndarray:
    """Return a run's last hidden layer for images: uint8 (n, 28, 28) -> float32 (n, units).

    Raises EngineError while no worker answers.
    """
    return engine().look("features", visitor.workspace(), run, images)


@st.cache_data(max_entries=100, show_spinner=False, hash_funcs=_HASHES)
def temperature(run: Run) -> float:
    """Return the best temperature on a run's validation images; see `evaluation.calibration`.

    Raises EngineError while no worker answers.
    """
    validation = parts(run.spec.split)[1]
    found = engine().probabilities(visitor.workspace(), run, validation.images)
    return calibration.best_temperature(found, validation.labels)


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=_HASHES)
def top_patches(run: Run) -> dict[str, np.ndarray]:
    """Return the test images that excite each map most; see `mnist_core.insight.top_patches`.

    Raises EngineError while no worker answers.
    """
    return engine().look("top_patches", visitor.workspace(), run, mnist.load().x_test)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=_HASHES)
def observation(run: Run, fresh: bool, start: int, count: int, steps: int) -> Observation:
    """Return what some training steps of a run do on one batch of its training images.

    fresh: start from the run's initial weights; start: index of the batch's first image among the
    training images. Use few different numbers of steps, and take `Observation.first`: an entry
    holds the tables of all its steps. Raises EngineError while no worker answers.
    """
    rows, data = parts(run.spec.split)[0].rows[start : start + count], mnist.load()
    images, labels = data.x_train[rows], data.y_train[rows]
    return engine().observe_training(visitor.workspace(), run, fresh, images, labels, steps)


@st.cache_data(max_entries=200, show_spinner=False, hash_funcs=_HASHES)
def augmented(row: int, changes: Augmentation, seed: int, count: int) -> np.ndarray:
    """Return variants of a training image as training augments it: (count, 28, 28) uint8.

    row: of the image, from 0. Raises EngineError while no worker answers.
    """
    image = samples.example("training", row).image
    return engine().augmented(image, changes, seed, count)


@_none_if_missing
@st.cache_resource(max_entries=12, show_spinner=False, hash_funcs=_HASHES)
def job_result(run: Run, name: str) -> dict[str, np.ndarray]:
    """Return the arrays that a job of this name left with a run, None before it is done."""
    return _found(jobs.result(store(), run, name))


@_none_if_missing
@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=_HASHES)
def embedding_space(run: Run) -> Space:
    """Return the embedding of a run's last hidden layer, None before its job is done."""
    return Space.unpack(_found(job_result(run, "embedding")))


@st.cache_resource(max_entries=8, show_spinner=False, hash_funcs=_HASHES)
def selective_prediction(run: Run) -> SelectivePrediction | None:
    """Return a run's accuracy by its share of answers, None before the run was evaluated."""
    found = report(run)
    return SelectivePrediction(found) if found else None


@_none_if_missing
@st.cache_data(max_entries=1000, show_spinner=False, hash_funcs=_HASHES)
def rotation_accuracy(run: Run) -> float:
    """Return a run's accuracy on rotated digits, None before the job "robustness" is done."""
    return challenges.rotation(_found(job_result(run, "robustness")))


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=_HASHES)
def kept_epochs(run: Run) -> list[EpochSnapshot | None]:
    """Return the snapshots of a run's epochs, from 0 before training; None where none was kept."""
    numbers = range(run.epochs + 1)
    return [artifacts.load_epoch_snapshot(store(), run.id, number) for number in numbers]


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs=_HASHES)
def text_sizes(run: Run) -> dict[str, int]:
    """Return the sizes in bytes of a run's quickly made files, by their endings."""
    text = [f for f in formats.offered(run.spec) if f.text and not f.report]
    quick = [f.ending for f in text if f.ending != formats.DIGITS]  # they may be gone
    made = {ending: texts.TEXTS[ending](store(), run.id) for ending in quick}
    return {e: len(f.encode() if isinstance(f, str) else f) for e, f in made.items()}


@st.cache_data(max_entries=1, ttl=30, show_spinner=False)
def kept_mb() -> float:
    """Return how many MB the runs of all workspaces take, at most 30 seconds old."""
    with store().database.read() as connection:
        return quota.kept_bytes(connection) / 1e6


@st.cache_data(max_entries=50, show_spinner=False, hash_funcs=_HASHES)
def layer_pictures(
    run: Run, image: np.ndarray, theme: str, _draw: Callable[[], list[str]]
) -> list[str]:
    """Return what `_draw` returns: small pictures of a network's layers for one image."""
    return _draw()


@st.cache_data(max_entries=40, show_spinner="Optuna draws ...")
def _study_figure(
    group_id: int, workspace: str, look: tuple[object, ...], _draw: Callable[[], T]
) -> T:
    return _draw()


def study_figure(group_id: int, look: tuple[object, ...], draw: Callable[[], T]) -> T:
    """Return what `draw` returns: a figure of a study. look: what else the figure depends on."""
    return _study_figure(group_id, visitor.workspace(), look, draw)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=_HASHES)
def parts(split: Split) -> tuple[Part, Part, Part]:
    """Return the images for training, for validation and for the test."""
    return samples.parts(split)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=_HASHES)
def grey_levels(split: Split) -> GreyLevels:
    """Return the distribution of the pixels of the training images."""
    return samples.grey_levels(parts(split)[0])


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=_HASHES)
def mean_images(split: Split) -> np.ndarray:
    """Return the mean training image of each digit: (10, 28, 28) uint8."""
    train = parts(split)[0]
    return np.rint(mnist.mean_images(train.images, train.labels)).astype(np.uint8)


@st.cache_resource(max_entries=50, show_spinner=False, hash_funcs=_HASHES)
def typicality(split: Split, digit: int) -> Typicality:
    """Return the training images of a digit, from typical to atypical."""
    return samples.typicality(parts(split)[0], digit)
