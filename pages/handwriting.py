"""A class writes digits, watches them arrive, and sees how well networks read them."""

import streamlit as st

from ui.session import address
from ui.views.handwriting import manage, results, wall, write
from ui.widgets import class_digits, tabs

TABS = {
    "Write": write.show,
    "Wall": wall.show,
    "Results": results.show,
    "For teachers": manage.show,
}

st.title("Our handwriting")
class_digits.choose_set()
for name, tab in tabs.show_tabs(TABS, address.HANDWRITING_TAB):
    with tab:
        TABS[name]()
