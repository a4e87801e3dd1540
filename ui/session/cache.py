"""Core calls, kept: all bounded, and all safe to share between sessions."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from mnist_core.dataset import mnist, samples
from mnist_core.dataset.samples import GreyLevels, Part, Typicality
from mnist_core.engine.engine import Engine
from mnist_core.evaluation.report import Report
from mnist_core.network.spec import Split
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Run, Store
from ui.session import visitor


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
    return artifacts.report(Store(workspace), run_id)


def report(run: Run) -> Report | None:
    """The report of a run, None before it was evaluated; a run that trained on has a new one."""
    if run.test_accuracy is None:
        return None
    return _report(run.id, run.seconds, visitor.workspace())


_BY_VALUE: dict[str | type[Any], Callable[[Any], Any]] = {Split: Split.model_dump_json}


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=_BY_VALUE)
def parts(split: Split) -> tuple[Part, Part, Part]:
    """The images that train, validate and test."""
    return samples.parts(split)


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=_BY_VALUE)
def grey_levels(split: Split) -> GreyLevels:
    """The pixels of the images that train."""
    return samples.grey_levels(parts(split)[0])


@st.cache_resource(max_entries=20, show_spinner=False, hash_funcs=_BY_VALUE)
def mean_images(split: Split) -> np.ndarray:
    """The mean image of each digit that trains: (10, 28, 28) uint8."""
    train = parts(split)[0]
    return np.rint(mnist.mean_images(train.images, train.labels)).astype(np.uint8)


@st.cache_resource(max_entries=50, show_spinner=False, hash_funcs=_BY_VALUE)
def typicality(split: Split, digit: int) -> Typicality:
    """The images of a digit that train, from typical to untypical."""
    return samples.typicality(parts(split)[0], digit)
