"""The handwriting of a class in this session, and its predictions by networks."""

from collections.abc import Iterable

import numpy as np
import streamlit as st

from mnist_core.evaluation.class_report import ClassReport
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.network.layers import CLASSES
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import OWN, Sample
from mnist_core.storage.learned import Marks
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plain_markdown, plural
from ui.session import cache, state
from ui.widgets import messages

_SET, _KNOWN = "handwriting_set", "handwriting_known"
READ = "read"
NOBODY = (
    "Together, these networks were trained on digits by every writer, so no writer is left for a "
    "fair test. Ask someone else to write digits."
)


def choose_set() -> None:
    """Draw the choice of the digits to show, if a set was imported."""
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
    """Return the name of the chosen collection, "" for the class's own."""
    return state.get(_SET, OWN)


def follow(collection: str) -> list[Sample]:
    """Return the digits of a collection; only new ones are read from the database."""
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
    """Return a run's probabilities for each digit: float32 (n, 10); only new digits are computed.

    Raises EngineError while no worker answers.
    """
    known = cache.class_reading(run).get(READ, np.zeros((0, 1 + CLASSES)))
    present = {*known[:, 0].tolist()}
    if new := [each for each in samples if each.id not in present]:
        found = cache.probabilities(run, np.stack([each.image for each in new]))
        ids = np.array([[each.id] for each in new])
        known = np.concatenate([known, np.concatenate([ids, found], axis=1)])
        cache.class_reading(run)[READ] = known
    rows = {number: row for row, number in enumerate(known[:, 0].tolist())}
    return known[[rows[each.id] for each in samples], 1:]


def is_new(runs: Iterable[Run], samples: list[Sample], collection: str) -> np.ndarray:
    """Return which digits are by writers that none of the runs has learned from: (n,) bool."""
    marks = Marks().union(*map(cache.learned_marks, runs))
    return handwriting.is_new(marks, collection, samples)


def class_report(run: Run, samples: list[Sample], new: np.ndarray) -> ClassReport:
    """Return the evaluation of a run on the new digits. new: (n,) bool, at least one is true.

    Raises EngineError while no worker answers.
    """
    labels, writers = np.array([(each.label, each.writer) for each in samples])[new].T
    return ClassReport(Report(probabilities(run, samples)[new], labels), writers)


def class_reports(runs: Iterable[Run]) -> dict[int, ClassReport]:
    """Return reports on the class's own handwriting by run, without runs that have not read it.

    All runs are judged by the same digits: those that all of them have read, by writers that none
    of them has learned from. Imported networks are left out, since their training data is unknown.
    """
    readers = [run for run in runs if cache.class_reading(run) and not run.origin]
    if not readers:
        return {}
    read = set[float].intersection(*map(_read_by, readers))
    samples = [each for each in follow(OWN) if each.id in read]
    new = is_new(readers, samples, OWN)
    return {run.id: class_report(run, samples, new) for run in readers} if new.any() else {}


def offer_to_read(runs: Iterable[Run]) -> None:
    """Draw the button that makes networks read the class's handwriting, if some have not yet."""
    samples = follow(OWN)
    able = [run for run in runs if run.weights_hash and not run.origin]
    if not samples or not able:
        return
    if not is_new(able, samples, OWN).any():
        st.info(NOBODY, icon=":material/info:")
        return
    waiting = [run for run in able if not {each.id for each in samples} <= _read_by(run)]
    digits, networks = plural(len(samples), "digit"), plural(len(waiting), "network")
    words = f"Read your class's {digits} with {networks}"
    ready = cache.engine().status().ready
    button = {"icon": ":material/draw:", "disabled": not ready, "key": "class_digits_read"}
    if not waiting or not st.button(words, **button):
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


def _read_by(run: Run) -> set[float]:
    """Return the ids of the digits that a run has read."""
    known = cache.class_reading(run)
    return {*known[READ][:, 0].tolist()} if known else set()
