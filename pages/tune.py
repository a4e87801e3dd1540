"""Step 8: experiments of many runs: search for settings, a learning rate, seeds, folds, depths."""

import streamlit as st

from ui import state
from ui.tune import depth, folds, rate, repeat, search

TABS = {
    "Search": search.show,
    "Learning rate": rate.show,
    "Repeat": repeat.show,
    "k-fold": folds.show,
    "Hidden layers": depth.show,
}

st.title("Tune")
st.write(
    "Which settings are best, and how sure can you be? One run cannot tell: here the app trains "
    "many for you, and counts."
)

if draft := state.draft().working_spec():
    state.write_link(draft)  # a refresh brings it back
if "tune_tab" not in st.session_state:  # the first time, or back from another page
    state.keep("tune_tab_first", state.value("tune_tab_last"))
opened = st.tabs(
    list(TABS), default=state.value("tune_tab_first"), key="tune_tab", bind="query-params"
)
for tab, (name, show) in zip(opened, TABS.items(), strict=True):
    if tab.open:  # the others are drawn when someone looks
        state.keep("tune_tab_last", name)
        with tab:
            show()
