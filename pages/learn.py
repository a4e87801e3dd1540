"""Step 9: interactive ideas, lessons, challenges, and links for teachers."""

import streamlit as st

from ui.session import address, state
from ui.views.learn import challenges, ideas_tab, lessons, teacher
from ui.widgets import tabs

TABS = {
    "Ideas": ideas_tab.show,
    "Lessons": lessons.show,
    "Challenges": challenges.show,
    "For teachers": teacher.show,
}

st.title("Learn")
if address.get(address.IDEA) is not None and address.get(address.LEARN_TAB) is None:
    state.put(address.LEARN_TAB, "Ideas")
for name, tab in tabs.show_tabs(TABS, address.LEARN_TAB):
    with tab:
        TABS[name]()
