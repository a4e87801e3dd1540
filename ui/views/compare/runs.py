"""The tab Runs of the page Compare: the table of all runs, with filters."""

import pandas as pd
import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.experiments import comparison
from mnist_core.storage import groups
from mnist_core.storage.handwriting import OWN
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.text import one_line, plural
from ui.charts import style
from ui.session import cache, state, visitor
from ui.views.compare import actions, chosen_runs, text
from ui.widgets import accuracy_figure, class_digits, makers, run_table, touch

_SHARE, _OPEN = st.column_config.NumberColumn, "compare_open"
COLUMNS = {
    "sign": st.column_config.TextColumn("Sign", pinned=True, width=52, help=text.SIGN),
    "run": _SHARE("Run", pinned=True, width=64),
    "called": run_table.name_column("Name", _OPEN, width=170),
    "maker": st.column_config.TextColumn("Started by", width=84, help=makers.HELP),
    "accuracy": _SHARE("Test accuracy", format="%.2f %%", help=text.ACCURACY),
    "interval": st.column_config.TextColumn("95 % interval, %", help=accuracy_figure.INTERVAL),
    "ours": _SHARE("Our class", format="%.1f %%", help=text.OURS),
    "notation": st.column_config.TextColumn("Network", help=text.NOTATION),
    "parameters": _SHARE("Parameters", format="localized"),
    "multiply_adds": _SHARE("Multiply-adds", format="localized", help=text.MULTIPLY_ADDS),
    "epochs": _SHARE("Epochs"),
    "seconds": _SHARE("Seconds", format="%.1f"),
    "test_loss": _SHARE("Test loss", format="%.4f", help=text.LOSS),
    "test_ece": _SHARE("ECE", format="%.4f", help=text.ECE),
    "validation": _SHARE("Val accuracy", format="%.2f %%", help=text.VALIDATION),
    "seed": _SHARE("Seed"),
    "state": st.column_config.TextColumn("State"),
    "group": st.column_config.TextColumn("Group", width=150),
    "note": st.column_config.TextColumn("Note", width=180),
    "pinned": st.column_config.CheckboxColumn("Pinned"),
}


def show(runs: list[Run], picked: list[Run]) -> None:
    """Draw the table of all runs, and the actions on the selected ones."""
    store = cache.store()
    table = _filtered(_table(store, runs))
    ids = [int(run_id) for run_id in table["id"]]
    marked = {run.id for run in picked}
    key = state.key("compare_table", hash(tuple(ids)), chosen_runs.edition())  # new rows: new table
    st.caption(f"{len(ids):,} of {plural(len(runs), 'run')}. {text.TABLE}")
    touch.room_above_table()
    st.dataframe(
        table,
        hide_index=True,
        column_order=[
            name for name in COLUMNS if name in table and (name != "maker" or visitor.in_class())
        ],
        column_config=COLUMNS,
        key=key,
        on_select=lambda: _mark(key, ids, [run.id for run in picked]),
        selection_mode="multi-row",
        selection_default={
            "selection": {"rows": [at for at, run_id in enumerate(ids) if run_id in marked]}
        },
        placeholder="–",
        alt=f"{len(ids)} runs with their networks, costs and results",
    )
    by_id = {run.id: run for run in runs}
    run_table.open_clicked(_OPEN, [by_id[run_id] for run_id in ids])
    class_digits.offer_to_read(picked)
    actions.bar(store, picked)
    listed = set(ids)
    actions.files(store, picked or [run for run in runs if run.id in listed], bool(picked))


def _mark(key: str, ids: list[int], before: list[int]) -> None:
    """Set the selection to the marked rows, and keep selected runs that the filters hide."""
    now = [ids[row] for row in state.selected_rows(key, len(ids))]
    stay = [run_id for run_id in before if run_id not in ids or run_id in now]
    chosen_runs.choose([*stay, *(run_id for run_id in now if run_id not in stay)])


def _table(store: Store, runs: list[Run]) -> pd.DataFrame:
    """Return the table of `experiments.comparison` with readable columns."""
    table = comparison.table(runs, comparison.validated(store, runs))
    kinds = {run.group_id for run in runs if run.group_id and run.workspace == store.workspace}
    names = {group_id: _group(store, group_id) for group_id in kinds}
    people = makers.numbers()
    bounds = zip(table["low"], table["high"], strict=True)
    if class_digits.follow(OWN):
        read = class_digits.class_reports(runs)
        table["ours"] = [
            100 * read[run.id].report.accuracy if run.id in read else None for run in runs
        ]
    return table.assign(
        run=table["run"].mask(table["example"]),  # examples are known by name
        sign=[style.sign(run) for run in runs],
        called=[one_line(run.name) or f"Run {run.number}" for run in runs],
        accuracy=100 * table["test_accuracy"],
        validation=100 * table["val_accuracy"],
        interval=[
            "" if pd.isna(low) else f"{100 * low:.2f} to {100 * high:.2f}" for low, high in bounds
        ],
        maker=[makers.maker(run, people) for run in runs],
        group=[names.get(run.group_id or 0, "") for run in runs],
        state=[_state(run) for run in runs],
    )


def _state(run: Run) -> str:
    if run.workspace == EXAMPLES:
        return "example"
    return f"from {run.origin}" if run.origin else run.state


def _group(store: Store, group_id: int) -> str:
    group = groups.find(store, group_id)
    return f"{group.id}: {group.name or group.kind}"


def _filtered(table: pd.DataFrame) -> pd.DataFrame:
    """Draw the filters above the table; return the rows that match them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            "Find",
            key="compare_find",
            placeholder="name, network, note or group",
            icon=":material/search:",
            width=260,
            persist_state="session",
        )
        least = st.number_input(
            "Minimum test accuracy, %",
            *(0.0, 100.0, 0.0, 0.5),
            key="compare_least",
            width=180,
            persist_state="session",
        )
        states = st.multiselect(
            "State",
            sorted(set(table["state"])),
            key="compare_states",
            placeholder="any",
            width=240,
            persist_state="session",
        )
    fits = pd.Series(True, index=table.index)
    for word in words.lower().split():
        in_any = (table["name"], table["notation"], table["note"], table["group"])
        fits &= sum(column.str.lower().str.contains(word, regex=False) for column in in_any) > 0
    if least > 0:
        fits &= (table["accuracy"] >= least).fillna(False)
    if states:
        fits &= table["state"].isin(states)
    if not fits.any():
        st.info("No run matches all filters: clear one of them.", icon=":material/info:")
    return table[fits]
