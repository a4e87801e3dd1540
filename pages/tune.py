"""Step 8: experiments of many runs: search for settings, a learning rate, seeds, folds, depths."""

import streamlit as st

from ui.session import state
from ui.views.tune import depth, folds, rate, repeat, search
from ui.widgets import messages

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
for name, tab in messages.tabs(TABS, "tune_tab"):
    with tab:
        TABS[name]()
