"""Core calls, kept: all bounded, and all safe to share between sessions."""

import functools

import streamlit as st

from mnist_core import records
from mnist_core.engine import Engine
from mnist_core.evaluate import Report
from mnist_core.store import Run, Store
from ui import visitor


@functools.cache
def engine() -> Engine:
    """The one engine of this server; `app.py` starts and stops it.

    Not among Streamlit's caches: a message on the websocket, from anybody, empties them for all.
    """
    return Engine()


def store() -> Store:
    """The runs of the workspace that is open, and the examples."""
    return Store(visitor.workspace(), visitor=visitor.own_workspace())


def own_store() -> Store:
    """That of the visitor alone, also while the workspace of a class is open."""
    return Store(visitor.own_workspace())


@st.cache_resource(max_entries=20, show_spinner=False)
def _report(run_id: int, seconds: float, workspace: str) -> Report | None:
    return records.report(Store(workspace), run_id)


def report(run: Run) -> Report | None:
    """The report of a run, None before it was evaluated; a run that trained on has a new one."""
    if run.test_accuracy is None:
        return None
    return _report(run.id, run.seconds, visitor.workspace())
