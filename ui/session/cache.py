"""Cached results of the core: the only module with `st.cache_data` and `st.cache_resource`.

All caches are bounded and shared between sessions. A run's results are cached under its id,
its seconds of training, which grow when it resumes, and its workspace; callers must not change
them.
"""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist, samples
from mnist_core.dataset.samples import GreyLevels, Part, Typicality
from mnist_core.engine.engine import Engine
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.exporting import texts
from mnist_core.exporting.formats import FORMATS
from mnist_core.insight.neighbors import Space
from mnist_core.insight.selective_prediction import SelectivePrediction
from mnist_core.network.spec import Split
from mnist_core.storage import artifacts, quota
from mnist_core.storage.artifacts import EpochSnapshot
from mnist_core.storage.runs import Store
from mnist_core.teaching import challenges
from ui.session import visitor

T = TypeVar("T")


@functools.cache
def engine() -> Engine:
    """Return the one engine of this server; `app.py` starts and stops it.

    It is not among Streamlit's caches: a message on the websocket, from anybody, empties them.
    """
    return Engine()


def store() -> Store:
    """Return the store of the workspace that is open, which also reads the examples."""
    return Store(visitor.workspace(), visitor=visitor.own_workspace())


def own_store() -> Store:
    """Return the store of the visitor's own workspace, also while a class's is open."""
    return Store(visitor.own_workspace())


@st.cache_resource(max_entries=20, show_spinner=False)
def _report(run_id: int, seconds: float, workspace: str) -> Report | None:
    return artifacts.load_report(Store(workspace), run_id)


def report(run: Run) -> Report | None:
    """Return the report of a run, None before it was evaluated."""
    if run.test_accuracy is None:
        return None
    return _report(run.id, run.seconds, visitor.workspace())


@st.cache_resource(max_entries=8, show_spinner=False)
def _weights(run_id: int, seconds: float, workspace: str) -> dict[str, np.ndarray]:
    return artifacts.load_weights(Store(workspace), run_id)


def weights(run: Run) -> dict[str, np.ndarray]:
    """Return all weights of a trained run by name, such as conv2d_1/kernel."""
    return _weights(run.id, run.seconds, visitor.workspace())


@st.cache_data(max_entries=200, show_spinner=False)
def _probabilities(
    run_id: int, seconds: float, images: np.ndarray, workspace: str, _run: Run
) -> np.ndarray:
    return engine().probabilities(workspace, _run, images)


def probabilities(run: Run, images: np.ndarray) -> np.ndarray:
    """Return what a run reads: uint8 (n, 28, 28) -> float32 (n, 10).

    Raises EngineError while no worker answers.
    """
    return _probabilities(run.id, run.seconds, images, visitor.workspace(), run)


@st.cache_resource(max_entries=100, show_spinner=False)
def _answer(
    question: str, run_id: int, seconds: float, image: np.ndarray, workspace: str, _run: Run
) -> Any:
    return engine().look(question, workspace, _run, image[None])


def answer(question: str, run: Run, image: np.ndarray) -> Any:
    """Return what a run's network answers about one image; see `mnist_core.insight.questions`.

    image: (28, 28) uint8. Raises EngineError while no worker answers.
    """
    return _answer(question, run.id, run.seconds, image, visitor.workspace(), run)


class _Missing(Exception):
    """Raised where there is nothing to keep yet, since Streamlit keeps no exception."""


@st.cache_resource(max_entries=12, show_spinner=False)
def _job_result(run_id: int, seconds: float, name: str, workspace: str) -> dict[str, np.ndarray]:
    store = Store(workspace)
    found = jobs.result(store, store.run(run_id), name)
    if found is None:
        raise _Missing
    return found


def job_result(run: Run, name: str) -> dict[str, np.ndarray] | None:
    """Return the arrays that a job of this name left with a run, None before it is done."""
    try:
        return _job_result(run.id, run.seconds, name, visitor.workspace())
    except _Missing:
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _embedding_space(run_id: int, seconds: float, workspace: str, _run: Run) -> Space:
    return Space.unpack(job_result(_run, "embedding") or {})


def embedding_space(run: Run) -> Space | None:
    """Return the space of a run's last hidden layer, None before the job "embedding" is done."""
    if job_result(run, "embedding") is None:
        return None
    return _embedding_space(run.id, run.seconds, visitor.workspace(), run)


@st.cache_resource(max_entries=8, show_spinner=False)
def _selective_prediction(
    run_id: int, seconds: float, workspace: str, _run: Run
) -> SelectivePrediction | None:
    found = report(_run)
    return SelectivePrediction(found) if found else None


def selective_prediction(run: Run) -> SelectivePrediction | None:
    """Return a run's accuracy over its share of answers, None before the run was evaluated."""
    return _selective_prediction(run.id, run.seconds, visitor.workspace(), run)


@st.cache_data(max_entries=1000, show_spinner=False)
def _rotation_accuracy(run_id: int, seconds: float, workspace: str, _run: Run) -> float:
    found = job_result(_run, "robustness")
    if found is None:
        raise _Missing
    return challenges.rotation(found)


def rotation_accuracy(run: Run) -> float | None:
    """Return a run's accuracy on turned digits, None before the job "robustness" is done."""
    try:
        return _rotation_accuracy(run.id, run.seconds, visitor.workspace(), run)
    except _Missing:
        return None


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept_epochs(
    run_id: int, seconds: float, epochs: int, workspace: str
) -> list[EpochSnapshot | None]:
    store = Store(workspace)
    return [artifacts.load_epoch_snapshot(store, run_id, number) for number in range(1, epochs + 1)]


def kept_epochs(run: Run) -> list[EpochSnapshot | None]:
    """Return what was kept of each epoch of a run; None where nothing was."""
    return _kept_epochs(run.id, run.seconds, run.epochs, visitor.workspace())


@st.cache_data(max_entries=50, show_spinner=False)
def _text_sizes(
    run_id: int, seconds: float, name: str, reached: str, workspace: str
) -> dict[str, int]:
    store = Store(workspace)
    quick = [format.ending for format in FORMATS if format.text and not format.report]
    return {ending: len(texts.TEXTS[ending](store, run_id).encode()) for ending in quick}


def text_sizes(run: Run) -> dict[str, int]:
    """Return the bytes of those files of a run that take no time to make, by their endings."""
    return _text_sizes(run.id, run.seconds, run.name, run.state, visitor.workspace())


@st.cache_data(max_entries=1, ttl=30, show_spinner=False)
def kept_mb() -> float:
    """Return the MB of the runs of all workspaces, at most 30 seconds old."""
    with store().database.read() as connection:
        return quota.kept_bytes(connection) / 1e6


@st.cache_data(max_entries=50, show_spinner=False)
def _layer_pictures(
    run_id: int, seconds: float, image: np.ndarray, theme: str, _draw: Callable[[], list[str]]
) -> list[str]:
    return _draw()


def layer_pictures(
    run: Run, image: np.ndarray, theme: str, draw: Callable[[], list[str]]
) -> list[str]:
    """Return what `draw` returns: small pictures of a network's layers for one image."""
    return _layer_pictures(run.id, run.seconds, image, theme, draw)


@st.cache_data(max_entries=40, show_spinner="Optuna draws ...")
def _study_figure(
    group_id: int, workspace: str, look: tuple[object, ...], _draw: Callable[[], T]
) -> T:
    return _draw()


def study_figure(group_id: int, look: tuple[object, ...], draw: Callable[[], T]) -> T:
    """Return what `draw` returns: a figure of a study. look: all else that it depends on."""
    return _study_figure(group_id, visitor.workspace(), look, draw)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs={Split: Split.model_dump_json})
def parts(split: Split) -> tuple[Part, Part, Part]:
    """Return the images for training, for validation and for the test."""
    return samples.parts(split)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs={Split: Split.model_dump_json})
def grey_levels(split: Split) -> GreyLevels:
    """Return the distribution of the pixels of the training images."""
    return samples.grey_levels(parts(split)[0])


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs={Split: Split.model_dump_json})
def mean_images(split: Split) -> np.ndarray:
    """Return the mean training image of each digit: (10, 28, 28) uint8."""
    train = parts(split)[0]
    return np.rint(mnist.mean_images(train.images, train.labels)).astype(np.uint8)


@st.cache_resource(max_entries=50, show_spinner=False, hash_funcs={Split: Split.model_dump_json})
def typicality(split: Split, digit: int) -> Typicality:
    """Return the training images of a digit, from typical to untypical."""
    return samples.typicality(parts(split)[0], digit)
