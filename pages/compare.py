"""Step 7: all runs side by side, two runs against each other, and ensembles."""

import streamlit as st

from mnist_core.experiments import comparison
from ui.session import address, cache, navigation
from ui.views.compare import chosen_runs, curves, ensemble, runs, settings, tradeoff, two_runs
from ui.widgets import tabs

TABS = {
    "Runs": runs.show,
    "Curves": curves.show,
    "Settings": settings.show,
    "Trade-off": tradeoff.show,
    "Two runs": two_runs.show,
    "Ensemble": ensemble.show,
}

st.title("Compare")
st.write(
    "Choose runs once for all tabs. Which network is better, what does it cost, and could the "
    "difference be chance?"
)

store = cache.store()
every = [comparison.settled(run) for run in (*store.runs(), *store.examples())]
listed = [run for run in every if run.sees_test]
if len(listed) < len(every) and st.toggle(
    f"Show trials of studies and learning-rate tests too ({len(every) - len(listed):,})",
    key="compare_trials",
    help="They never see the test set, so they have only a val_accuracy.",
    persist_state="session",
):
    listed = every
if not listed:
    st.info("No runs yet: build a network, then train it.", icon=":material/info:")
    st.page_link(navigation.path("build"), label="Build a network", icon=":material/layers:")
    st.page_link(navigation.path("train"), label="Go to Train", icon=":material/play_circle:")
    st.stop()
picked = chosen_runs.pick(listed)

for name, tab in tabs.show_tabs(TABS, address.COMPARE_TAB):
    with tab:
        TABS[name](listed, picked)
