"""The choice of a run, shared by all pages."""

from contextlib import suppress

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.network.naming import short_notation
from mnist_core.storage.database import StoreError
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.text import one_line, percent, plain_markdown, without_markup
from ui.charts import style
from ui.session import cache, selection, state
from ui.widgets import makers

_KEY = "pick_run"


def run_number(run: Run) -> str:
    """Return the sign and number of a run: ● Run 3, or ✚ Example."""
    return style.numbered(run.number, run.workspace == EXAMPLES)


def run_name(run: Run) -> str:
    """Return the sign, the number and the name of a run, as plain text: ● Run 3 · note-5."""
    return " · ".join(part for part in (run_number(run), one_line(run.name)) if part)


def run_label(run: Run, person: str = "") -> str:
    """Return the label of a run in a list, as plain text: ● Run 3 · 98.70 % · note-5 · C8 M F.

    person: who started it, in a class; it follows the number.

    What distinguishes runs comes first, since a narrow list cuts the end: the accuracy, and the
    state if there is no accuracy or training did not finish. Then follow the name and the shortened
    notation of the network, unless the name contains it.
    """
    by = f"person {person}" if person else ""
    parts = (run_number(run), by, _facts(run), one_line(run.name), _notation(run))
    return " · ".join(part for part in parts if part)


def run_tag(run: Run) -> str:
    """Return the label of a run in a box with several runs: ● Run 3 · 98.70 % · note-5."""
    name = one_line(run.name).split(" · ")[0] or _notation(run)
    name = name if len(name) <= 20 else f"{name[:16].rstrip()} ..."
    return " · ".join((run_number(run), _facts(run), name))


def run_title(run: Run, network: bool = False) -> str:
    """Return the title of a run in Markdown: colored sign, number, name, accuracy and state.

    network: whether to add its notation, unless the name contains it.
    """
    notation = f"`{_notation(run)}`" if network and _notation(run) else ""
    parts = (run_sign(run), plain_markdown(run.name), notation, _facts(run))
    return " · ".join(part for part in parts if part)


def run_sign(run: Run) -> str:
    """Return the sign of a run in its color and its number, in Markdown."""
    sign, number = run_number(run).split(maxsplit=1)
    return f':color[{sign}]{{foreground="{style.look(run)[0]}"}} **{number}**'


def _notation(run: Run) -> str:
    """Return the shortened notation of a run's network; "" if the name contains it."""
    notation = short_notation(run.spec.network)
    return "" if notation in run.name.split(" · ") else notation


def ending(run: Run) -> str:
    """Return how training ended if it did not finish, as in " · stopped"; else ""."""
    return f" · {run.state}" if run.state in ("paused", "stopped", "interrupted", "failed") else ""


def _facts(run: Run) -> str:
    """Return the accuracy of a run and how it ended, or its state."""
    if run.test_accuracy is None:
        return run.state
    return percent(run.test_accuracy) + ending(run)


def pick_run(runs: list[Run]) -> Run | None:
    """Draw a box to choose one of the runs; return the chosen one, None if there are none."""
    explain_missing(runs)
    return select_run(runs)


def explain_missing(runs: list[Run]) -> None:
    """Warn if the address names a run that is not among these; the address does not change."""
    if missing := selection.missing_run(runs):
        instead = " This page shows another run instead." if runs else ""
        st.warning(f"{_about_missing(missing)}{instead}", icon=":material/search_off:")


def select_run(runs: list[Run]) -> Run | None:
    """Draw the box alone, without a warning about a missing run in the address."""
    runs, people = makers.mine_first(runs), makers.numbers()
    chosen = selection.chosen_run(runs)
    if chosen is None:
        return None
    if not selection.missing_run(runs):
        selection.choose_run(chosen.id)
        selection.write_run(chosen.id)
    labels = {run.id: run_label(run, makers.maker(run, people)) for run in runs}
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
    """Return why the run in the address is not among the runs of this page."""
    with suppress(StoreError, ValueError):
        run = cache.store().run(int(asked[:18]))
        if run.test_accuracy is not None:
            return "The link names an example run, but this page lists only your own runs."
        reason = f" ({plain_markdown(run.reason)})" if run.reason else ""
        return f"Run {run.number} in the link has no test result. Its state: {run.state}{reason}."
    return (
        f"The link names a run that is not here (run={without_markup(asked[:20])}); it may have "
        "been deleted."
    )


def _choose(known: set[int]) -> None:
    """Take the browser's choice, unless an outdated label gave something else than an id."""
    picked = state.get(_KEY)
    if isinstance(picked, int) and picked in known:
        selection.choose_run(picked, by_hand=True)
