"""Actions on the selected runs: edit names and notes, pin, download and delete."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.experiments import comparison
from mnist_core.network.naming import NAME_LENGTH
from mnist_core.storage import deletion
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import one_line, plain_markdown, plural
from ui.session import state
from ui.views.compare import chosen_runs, text
from ui.widgets import run_picker

NOTE_LENGTH = 1000


def bar(store: Store, picked: list[Run]) -> None:
    """Draw the buttons that edit, pin and delete the selected runs."""
    mine = [run for run in picked if run.workspace == store.workspace]
    pinned = bool(mine) and all(run.pinned for run in mine)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plural(len(picked), 'run')} chosen**", width="content")
        if st.button(
            "Name and note", icon=":material/edit:", key="compare_edit", disabled=not mine
        ):
            _edit(store, mine)
        st.button(
            "Unpin" if pinned else "Pin",
            icon=":material/keep_off:" if pinned else ":material/keep:",
            key="compare_pin",
            disabled=not mine,
            help=text.PIN,
            on_click=_pin,
            args=(store, mine, not pinned),
        )
        if st.button("Delete", icon=":material/delete:", key="compare_delete", disabled=not mine):
            _delete(store, mine, [run.id for run in picked])
    if len(mine) < len(picked):
        st.caption(text.EXAMPLES)


def files(store: Store, runs: list[Run], picked: bool) -> None:
    """Draw the downloads. picked: whether `runs` were selected; else they are all in the table."""
    which = "chosen" if picked else "listed"
    with st.container(horizontal=True):
        for words, name, make in (
            (
                f"Table of {which} runs (CSV)",
                "runs.csv",
                lambda: comparison.to_csv(runs, comparison.validated(store, runs)),
            ),
            (
                f"Curves of {which} runs (CSV)",
                "curves.csv",
                lambda: comparison.curves_csv(runs, _histories(store, runs)),
            ),
            (
                f"{which.capitalize()} runs (JSON)",
                "runs.json",
                lambda: comparison.to_json(runs, _histories(store, runs)),
            ),
        ):
            st.download_button(
                words,
                make,
                name,
                key=state.key("compare_download", name),
                icon=":material/download:",
                on_click="ignore",
                disabled=not runs,
            )


def _histories(store: Store, runs: Sequence[Run]) -> dict:
    return {run.id: store.epochs(run.id) for run in runs}


def _pin(store: Store, runs: list[Run], pinned: bool) -> None:
    try:
        for run in runs:
            store.update(run.id, pinned=pinned)
    except StoreError as error:
        state.keep_error(error)


@st.dialog("Name and note", icon=":material/edit:")
def _edit(store: Store, runs: list[Run]) -> None:
    """Draw the name and note of one run at a time; examples cannot be edited."""
    run = runs[0]
    if len(runs) > 1:
        labels = {each.id: run_picker.run_label(each) for each in runs}
        box = st.selectbox(
            "Run", list(labels), format_func=lambda at: labels.get(at, ""), key="compare_edit_run"
        )
        run = next((each for each in runs if each.id == box), run)
    st.text_input("Name", run.name, NAME_LENGTH, key=state.key("compare_name", run.id))
    st.text_area("Note", run.note, max_chars=NOTE_LENGTH, key=state.key("compare_note", run.id))
    if st.button("Save", type="primary", key="compare_save", on_click=_save, args=(store, run)):
        st.rerun()


def _save(store: Store, run: Run) -> None:
    keys = [state.key("compare", part, run.id) for part in ("name", "note")]
    if not all(map(state.has, keys)):  # a browser may send the click without the dialog
        return
    name, note = (state.require(key, str) for key in keys)
    try:
        # The browser's own limit can be bypassed.
        store.update(run.id, name=one_line(name)[:NAME_LENGTH], note=note.strip()[:NOTE_LENGTH])
    except MnistError as error:
        state.keep_error(error)


@st.dialog("Delete?", icon=":material/delete:")
def _delete(store: Store, runs: list[Run], picked: list[int]) -> None:
    """Draw the confirmation of a deletion; pinned runs stay.

    picked: the ids of all selected runs.
    """
    pinned = [run for run in runs if run.pinned]
    doomed = [run for run in runs if not run.pinned]
    lines = [f"- {plain_markdown(run_picker.run_label(run))}" for run in doomed[:10]]
    if len(doomed) > 10:
        lines.append(f"- and {plural(len(doomed) - 10, 'other')}")
    if lines:
        st.markdown("\n".join(lines))
    if pinned:
        st.caption(
            f":material/keep: Pinned, so kept: {_numbers(pinned)}. Unpin runs to delete them."
        )
    if doomed:
        st.write(text.DELETE)
    with st.container(horizontal=True):
        if st.button(
            f":red[Delete {plural(len(doomed), 'run')}]",
            icon=":material/delete:",
            key="compare_delete_yes",
            disabled=not doomed,
            on_click=_delete_now,
            args=(store, [run.id for run in doomed], picked),
        ):
            st.rerun()
        if st.button("Keep", key="compare_delete_no"):
            st.rerun()


def _numbers(runs: Sequence[Run]) -> str:
    return ", ".join(f"Run {run.number}" for run in runs)


def _delete_now(store: Store, doomed: list[int], picked: list[int]) -> None:
    try:
        deletion.delete(store, doomed)
        chosen_runs.choose([run_id for run_id in picked if run_id not in doomed], new_table=True)
    except MnistError as error:
        state.keep_error(error)
