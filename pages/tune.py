"""Step 8: experiments with many runs: settings, learning rates, seeds, folds and depths."""

import streamlit as st

from ui.session import address, drafts
from ui.views.tune import depth, folds, rate, repeat, search
from ui.widgets import tabs

TABS = {
    "Search": search.show,
    "Learning rate": rate.show,
    "Repeat": repeat.show,
    "k-fold": folds.show,
    "Hidden layers": depth.show,
}

st.title("Tune")
st.write("Which settings are best, and how sure can you be? Train many runs to find out.")

if draft := drafts.current().working_spec():
    drafts.write_link(draft)  # so that a refresh keeps the draft
for name, tab in tabs.show_tabs(TABS, address.TUNE_TAB):
    with tab:
        TABS[name]()
