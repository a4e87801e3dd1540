"""What is known of a trained network, kept: weights, answers about an image, results of jobs."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.execution import jobs
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Run, Store
from ui.session import cache, state, visitor
from ui.widgets import messages


@st.cache_resource(max_entries=8, show_spinner=False)
def _weights(run_id: int, seconds: float, workspace: str) -> dict[str, np.ndarray]:
    return artifacts.weights(Store(workspace), run_id)


def weights(run: Run) -> dict[str, np.ndarray]:
    """All weights of a trained run by name, such as conv2d_1/kernel; nobody may change them."""
    return _weights(run.id, run.seconds, visitor.workspace())


@st.cache_resource(max_entries=100, show_spinner=False)
def _look(
    question: str, run_id: int, seconds: float, image: np.ndarray, workspace: str, _run: Run
) -> Any:
    return cache.engine().look(question, workspace, _run, image[None])


def look(question: str, run: Run, image: np.ndarray) -> Any:
    """What a run's network says of one image; see `mnist_core.insight.questions`.

    image: (28, 28) uint8. Raises EngineError while no worker answers.
    """
    return _look(question, run.id, run.seconds, image, visitor.workspace(), run)


@st.cache_data(max_entries=100, show_spinner=False)
def _probabilities(
    run_id: int, seconds: float, images: np.ndarray, workspace: str, _run: Run
) -> np.ndarray:
    return cache.engine().probabilities(workspace, _run, images)


def probabilities(run: Run, images: np.ndarray) -> np.ndarray:
    """uint8 (n, 28, 28) -> float32 (n, 10). Raises EngineError while no worker answers."""
    return _probabilities(run.id, run.seconds, images, visitor.workspace(), run)


class _Missing(Exception):
    """Raised where there is no result, since an exception is not kept."""


@st.cache_resource(max_entries=12, show_spinner=False)
def _result(run_id: int, seconds: float, name: str, workspace: str) -> dict[str, np.ndarray]:
    store = Store(workspace)
    found = jobs.result(store, store.run(run_id), name)
    if found is None:
        raise _Missing
    return found


def kept(run: Run, name: str) -> dict[str, np.ndarray] | None:
    """What a job left with the run, None before it is done; nobody may change it."""
    try:
        return _result(run.id, run.seconds, name, visitor.workspace())
    except _Missing:
        return None


def result(run: Run, name: str, words: str, at_once: bool = False) -> dict[str, np.ndarray] | None:
    """What a job left with the run; before that None, and the way to it in the current container.

    words: what the button says. at_once: begin without being asked, unless it was cancelled.
    """
    found = kept(run, name)
    if found is not None:
        return found
    job = jobs.find(cache.store(), run.id, name)
    cancelled = f"look_cancelled_{name}_{run.id}"
    if job is None and at_once and not state.value(cancelled):
        ask([run.id], name)
    elif job is None or job.state == "failed":
        if job:
            st.error(messages.sentence(job.reason), icon=":material/error:")
        st.button(
            "Try again" if job else words,
            icon=":material/play_circle:",
            key=f"look_ask_{name}_{run.id}",
            on_click=ask,
            args=([run.id], name),
        )
        return None
    _watch(run, name, cancelled)
    return None


def ask(runs: Sequence[int], name: str) -> None:
    """Queue the same job for several runs, named by their numbers."""
    for run_id in runs:
        jobs.ask(cache.store(), run_id, name)
    cache.engine().wake()


@st.fragment(run_every=0.4)
def _watch(run: Run, name: str, cancelled: str) -> None:
    """How far a job is, until it is over."""
    job = jobs.find(cache.store(), run.id, name)
    if job is None or job.state == "failed":
        st.rerun()
    status = cache.engine().status()
    if job.state == "running":
        words = f"{round(100 * job.done)} % done"
    else:
        words = "Its turn comes soon" if status.ready else f"It waits: {status.words}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.done, words)
        mine = job.asked_by == visitor.workspace()  # those of examples may be somebody else's
        if mine and st.button(
            "Cancel", icon=":material/close:", key=f"look_cancel_{name}_{run.id}"
        ):
            state.keep(cancelled, True)
            jobs.cancel(cache.store(), run.id, name)
            st.rerun()
