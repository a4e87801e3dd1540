"""The runs to compare: one selection for all tabs, kept in the query parameter runs=3,5."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.utils.text import one_line, without_markup
from ui.charts import style
from ui.session import address, state
from ui.widgets import run_picker

MOST = style.MOST_RUNS

_CHOSEN, _WRITTEN, _EDITION = "compare_runs", "compare_written", "compare_edition"
_PICK = "compare_pick"


def pick(runs: Sequence[Run]) -> list[Run]:
    """Draw the box of runs to compare, in step with the address and the table; return the runs."""
    by_id = {run.id: run for run in runs}
    ids = _asked(by_id)
    labels = {run.id: run_picker.run_tag(run) for run in runs}
    state.put(_PICK, ids)
    st.multiselect(
        "Runs to compare",
        list(labels),
        format_func=labels.__getitem__,
        key=_PICK,
        on_change=_take,
        args=(set(labels),),
        placeholder="Choose runs here, or in the table below",
    )
    _write(ids)
    return [by_id[run_id] for run_id in ids]


def _take(known: set[int]) -> None:
    """Choose the picked runs, unless one of them has been deleted meanwhile."""
    picked = state.get(_PICK, list[int]())
    if known.issuperset(picked):
        choose(picked, new_table=True)


def choose(ids: Sequence[int], new_table: bool = False) -> None:
    """Set the selection. new_table: reset the table, so that its marked rows follow."""
    state.put(_CHOSEN, list(ids))
    if new_table:
        state.increment(_EDITION)


def edition() -> int:
    """Return the edition of the table, which changes whenever its marked rows must be reset."""
    return state.get(_EDITION, 0)


def name(run: Run) -> str:
    """Return a run's sign, number and name, as in ● Run 3 (wider)."""
    number = run_picker.run_number(run)
    return f"{number} ({one_line(run.name)})" if run.name else number


def few(runs: list[Run]) -> list[Run]:
    """Return the selected runs that fit into one figure, and draw a note about the others."""
    if len(runs) > MOST:
        st.caption(
            f":material/info: Only the first {MOST} of the {len(runs)} runs that you chose are "
            "shown: with more, you could not tell them apart."
        )
    return runs[:MOST]


def _asked(runs: dict[int, Run]) -> list[int]:
    """Return the runs in a newly opened address, else the last selection."""
    asked = address.get(address.RUNS)
    if asked is not None and asked != state.get(_WRITTEN):
        words = [word.strip() for word in asked.split(",") if word.strip()]
        if lost := [word for word in words if word not in map(str, runs)]:
            names = without_markup(", ".join(lost[:20])[:80])
            st.warning(
                f"The link asks for runs that are not here (runs={names}). They may be in another "
                "workspace, be hidden trials, or have been deleted.",
                icon=":material/link_off:",
            )
        choose([int(word) for word in dict.fromkeys(words) if word not in lost], new_table=True)
    return [run_id for run_id in state.get(_CHOSEN, list[int]()) if run_id in runs]


def _write(ids: list[int]) -> None:
    """Write the selection to the address."""
    text = ",".join(map(str, ids))
    state.put(_WRITTEN, text)
    address.put(address.RUNS, text or None)
