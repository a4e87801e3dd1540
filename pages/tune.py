"""Step 8: experiments of many runs: search for settings, a learning rate, seeds, folds, depths."""

import streamlit as st

from ui import frame, state
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
for name, tab in frame.tabs(TABS, "tune_tab"):
    with tab:
        TABS[name]()
