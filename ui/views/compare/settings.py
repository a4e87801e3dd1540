"""The tab Settings of the page Compare: the settings in which the selected runs differ."""

import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.experiments import comparison
from mnist_core.utils.text import percent, plural
from ui.views.compare import chosen_runs, text
from ui.widgets import touch


@st.fragment
def show(runs: list[Run], picked: list[Run]) -> None:
    """Draw a table of the settings that differ."""
    if len(picked) < 2:
        st.info(text.CHOOSE_TWO, icon=":material/info:")
        return
    few = chosen_runs.few(picked)
    found = comparison.differences(few)
    if found.empty:
        st.success(text.SAME, icon=":material/equal:")
        return
    st.caption(text.SETTINGS)
    results = {
        run.id: "–" if run.test_accuracy is None else percent(run.test_accuracy) for run in few
    }
    found.loc["test accuracy"] = results
    found.columns = [chosen_runs.name(run) for run in few]
    found.index.name = "setting"
    touch.room_above_table()
    st.dataframe(
        found,
        height="content",
        alt=f"{plural(len(found), 'row')} in which {plural(len(few), 'run')} differ",
    )
