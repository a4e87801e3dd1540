"""The result of a job about a trained run: the button that starts it, and its progress."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from ui.session import cache, state, visitor
from ui.widgets import messages


def result(run: Run, name: str, words: str, at_once: bool = False) -> dict[str, np.ndarray] | None:
    """Return the arrays that a job left with the run, None before it is done.

    Until then draw the button that starts the job, then its progress. words: label of the button;
    at_once: start without the button, unless the job was canceled.
    """
    found = cache.job_result(run, name)
    if found is not None:
        return found
    job = jobs.find(cache.store(), run.id, name)
    cancelled = state.key("look_cancelled", name, run.id)
    if job is None and at_once and not state.get(cancelled):
        ask([run.id], name)
    elif job is None or job.state == "failed":
        if job:
            st.error(messages.sentence(job.reason), icon=":material/error:")
        st.button(
            "Try again" if job else words,
            icon=":material/play_circle:",
            key=state.key("look_ask", name, run.id),
            on_click=ask,
            args=([run.id], name),
        )
        return None
    _watch(run, name, cancelled)
    return None


def ask(runs: Sequence[int], name: str) -> None:
    """Queue a job for each of several runs. runs: their ids; name: of the job."""
    for run_id in runs:
        jobs.enqueue(cache.store(), run_id, name)
    cache.engine().wake()


@st.fragment(run_every=0.4)
def _watch(run: Run, name: str, cancelled: str) -> None:
    """Draw the progress of a job; rerun the whole page when the job ends."""
    job = jobs.find(cache.store(), run.id, name)
    if job is None or job.state == "failed":
        st.rerun()
    status = cache.engine().status()
    if job.state == "running":
        words = f"{round(100 * job.done)} % done"
    else:
        words = "Starting soon" if status.ready else f"Waiting: {status.words}"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(job.done, words)
        mine = job.asked_by == visitor.workspace()  # anybody can start jobs of examples
        if mine and st.button(
            "Cancel", icon=":material/close:", key=state.key("look_cancel", name, run.id)
        ):
            state.put(cancelled, True)
            jobs.cancel(cache.store(), run.id, name)
            st.rerun()
