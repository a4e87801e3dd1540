"""Tables of runs, in which a click on a run's name opens its results."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.evaluation.run import Run
from mnist_core.network.notation import write
from mnist_core.utils.text import accuracy_in_context
from ui.charts import style
from ui.session import navigation, selection, state
from ui.widgets import run_picker, touch


def show(runs: Sequence[Run]) -> None:
    """Draw runs with their networks and results."""
    table = pd.DataFrame(
        {
            "Run": [run_picker.run_name(run) for run in runs],
            "Test result": [
                run.state
                if run.test_accuracy is None
                else accuracy_in_context(run.test_accuracy, TEST_IMAGES) + run_picker.ending(run)
                for run in runs
            ],
            "Network": [write(run.spec.network) for run in runs],
            "Parameters": [run.parameters for run in runs],
            "Epochs": [
                "unknown" if run.origin else f"{run.epochs} of {run.planned}" for run in runs
            ],
        }
    )
    st.caption("Click a run to open its results.")
    colors = [f"color: {style.look(run)[0]}" for run in runs]
    touch.room_above_table()
    st.dataframe(
        table.style.apply(lambda _: colors, subset=["Run"]),
        hide_index=True,
        column_config={
            "Run": name_column("Run", "home_open"),
            "Parameters": st.column_config.NumberColumn(format="localized"),
        },
        alt="Runs with their networks and test results",
    )
    open_clicked("home_open", runs)


def name_column(label: str, key: str, **more: Any) -> Any:
    """Return the column whose cells open their run. key: of the click, for `open_clicked`."""
    return st.column_config.ButtonColumn(label, key=key, type="tertiary", alignment="left", **more)


def open_clicked(key: str, runs: Sequence[Run]) -> None:
    """Open the run whose name was clicked. runs: of the table, row by row.

    The click refers to the table as last drawn; its runs may have changed since.
    """
    drawn_key = state.key(key, "drawn")
    drawn = state.get(drawn_key, list[int]())
    state.put(drawn_key, [run.id for run in runs])
    clicked: Any = state.get(key)
    if clicked is not None and clicked.row in range(len(drawn)):  # a browser may send any row
        for run in runs:
            if run.id == drawn[clicked.row]:
                query = selection.query_of(run)
                st.switch_page(navigation.path("results"), query_params=query)
