"""The handwriting of a class in this session, and what networks read in it."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core.evaluation.class_report import ClassReport
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import OWN, Sample
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plain_markdown, plural
from ui.session import cache, state
from ui.widgets import messages

_SET, _READ, _KNOWN = "handwriting_set", "handwriting_read", "handwriting_known"


def choose_set() -> None:
    """Draw the choice of the digits to look at, where a set was imported."""
    sets = handwriting.imported(cache.store())
    if state.get(_SET, OWN) not in sets:  # the class's own, or a deleted one
        state.pop(_SET)
    if sets:
        state.setdefault(_SET, OWN)
        st.segmented_control(
            "Digits",
            [OWN, *sets],
            required=True,
            format_func=lambda name: plain_markdown(name) or "Our class",
            key=_SET,
            persist_state="session",
        )


def chosen_set() -> str:
    """Return the name of the collection to look at, "" for the class's own."""
    return state.get(_SET, OWN)


def follow(collection: str) -> list[Sample]:
    """Return the digits of a collection; only those that are new here are read."""
    store = cache.store()
    of, known = state.get(_KNOWN, (("", ""), dict[int, Sample]()))
    known = known if of == (store.workspace, collection) else {}
    ids = handwriting.ids(store, collection)
    if new := [number for number in ids if number not in known]:
        found = handwriting.samples(store, min(new) - 1, collection=collection)
        known = known | {each.id: each for each in found}
    present = {number: known[number] for number in ids if number in known}  # one may be gone
    state.put(_KNOWN, ((store.workspace, collection), present))
    return list(present.values())


def probabilities(run: Run, samples: list[Sample]) -> np.ndarray:
    """Return what a run reads in each digit, float32 (n, 10); only new digits are asked for.

    Raises EngineError while no worker answers.
    """
    known = _read_by(run)
    if new := [each for each in samples if each.id not in known]:
        found = cache.probabilities(run, np.stack([each.image for each in new]))
        known |= {each.id: row for each, row in zip(new, found, strict=True)}
    return np.stack([known[each.id] for each in samples])


def is_new(runs: Sequence[Run], samples: list[Sample], collection: str) -> np.ndarray:
    """Return which digits are by writers from whom none of the runs has learned, (n,) bool."""
    writers = np.array([each.writer for each in samples], np.int32)
    new = np.ones(len(samples), np.bool)
    for run in runs:
        new &= handwriting.is_new(run.spec.split, collection, writers)
    return new


def class_report(run: Run, samples: list[Sample], new: np.ndarray) -> ClassReport:
    """Return the evaluation of a run on the digits that are `new`, (n,) bool; some are.

    Raises EngineError while no worker answers.
    """
    labels, writers = np.array([(each.label, each.writer) for each in samples])[new].T
    return ClassReport(Report(probabilities(run, samples)[new], labels), writers)


def class_reports(runs: Sequence[Run]) -> dict[int, ClassReport]:
    """Return how well runs read the class's own handwriting, by run; without those yet to read.

    All runs are judged by the same digits: those of writers from whom none of them has learned.
    """
    samples = follow(OWN)
    new = is_new(runs, samples, OWN)
    if not new.any():
        return {}
    return {run.id: class_report(run, samples, new) for run in runs if _has_read(run, samples)}


def offer_to_read(runs: Sequence[Run]) -> None:
    """Draw the button with which networks read the class's handwriting, where some have not."""
    samples = follow(OWN)
    waiting = [run for run in runs if run.weights_hash and not _has_read(run, samples)]
    if not samples or not waiting:
        return
    words = f"Let {plural(len(waiting), 'network')} read our {plural(len(samples), 'digit')}"
    ready = cache.engine().status().ready
    if not st.button(words, icon=":material/draw:", disabled=not ready, key="class_digits_read"):
        return
    bar = st.progress(0.0, "Reading")
    try:
        for done, run in enumerate(waiting):
            bar.progress(done / len(waiting), f"Reading: {done} of {len(waiting)}")
            probabilities(run, samples)
    except MnistError as error:
        messages.show_error(error)
    else:
        st.rerun()


def _read_by(run: Run) -> dict[int, np.ndarray]:
    """Return what a run has read in this session, by the ids of the digits; it may be added to."""
    read = state.setdefault(_READ, dict[tuple[object, ...], dict[int, np.ndarray]]())
    return read.setdefault((run.id, run.created_at, run.seconds), {})


def _has_read(run: Run, samples: list[Sample]) -> bool:
    known = _read_by(run)
    return all(each.id in known for each in samples)
