"""The choice of a run, the same one on every page."""

from contextlib import suppress

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.storage.database import StoreError
from mnist_core.utils.text import one_line, percent, plain_markdown, without_markup
from ui.session import cache, selection, state, visitor

_KEY = "pick_run"


def run_label(run: Run) -> str:
    """Return what to call a run in a list: its number, name, accuracy and state."""
    parts = [
        f"Run {run.id}" if run.workspace == visitor.workspace() else "Example",
        one_line(run.name),
    ]
    if run.test_accuracy is not None:
        parts.append(percent(run.test_accuracy))
    if run.state in ("paused", "stopped", "interrupted", "failed"):
        parts.append(run.state)
    return " · ".join(part for part in parts if part)


def pick_run(runs: list[Run]) -> Run | None:
    """Draw a box to choose one of the runs; return the chosen one, None if there are none."""
    explain_missing(runs)
    return select_run(runs)


def explain_missing(runs: list[Run]) -> None:
    """Say so if the address names a run that is none of these; the address stays as it is."""
    if missing := selection.missing_run(runs):
        instead = " Another run is shown instead." if runs else ""
        st.warning(f"{_about_missing(missing)}{instead}", icon=":material/search_off:")


def select_run(runs: list[Run]) -> Run | None:
    """Draw the box alone, without a word on a run that the address names in vain."""
    chosen = selection.chosen_run(runs)
    if chosen is None:
        return None
    if not selection.missing_run(runs):
        selection.choose_run(chosen.id)
        selection.write_run(chosen.id)
    labels = {run.id: run_label(run) for run in runs}
    state.put(_KEY, chosen.id)
    st.selectbox(
        "Run",
        list(labels),
        format_func=labels.__getitem__,
        key=_KEY,
        on_change=_choose,
        args=(set(labels),),
    )
    return chosen


def _about_missing(asked: str) -> str:
    """Say why the run that the address names is not among those of this page."""
    with suppress(StoreError, ValueError):
        run = cache.store().run(int(asked[:18]))
        if run.test_accuracy is not None:
            return f"Run {run.id} in the link is an example, which this page does not list."
        reason = f" ({plain_markdown(run.reason)})" if run.reason else ""
        return f"Run {run.id} in the link has no test result. Its state: {run.state}{reason}."
    return (
        f"The link asks for run {without_markup(asked[:20])}, which is not here. It may have "
        "been deleted."
    )


def _choose(known: set[int]) -> None:
    """Take the choice of a browser; one by a label that is out of date is no run's id."""
    picked = state.get(_KEY)
    if isinstance(picked, int) and picked in known:
        selection.choose_run(picked)
