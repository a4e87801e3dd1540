"""Step 9: the theory as things to touch, lessons, challenges, and links for teachers."""

import streamlit as st

from ui.views.learn import challenges, ideas_tab, lessons, teacher
from ui.widgets import messages

TABS = {
    "Ideas": ideas_tab.show,
    "Lessons": lessons.show,
    "Challenges": challenges.show,
    "For teachers": teacher.show,
}

st.title("Learn")
st.write("The ideas behind the networks, to touch; lessons for a class; and challenges.")

if "idea" in st.query_params and "learn_tab" not in st.query_params:
    st.session_state["learn_tab"] = "Ideas"
for name, tab in messages.tabs(TABS, "learn_tab"):
    with tab:
        TABS[name]()
