"""Step 9: the theory as things to touch, lessons, challenges, and links for teachers."""

import streamlit as st

from ui import frame
from ui.learn import challenges, ideas, lessons, teacher

TABS = {
    "Ideas": ideas.show,
    "Lessons": lessons.show,
    "Challenges": challenges.show,
    "For teachers": teacher.show,
}

st.title("Learn")
st.write("The ideas behind the networks, to touch; lessons for a class; and challenges.")

if "idea" in st.query_params and "learn_tab" not in st.query_params:
    st.session_state["learn_tab"] = "Ideas"
for name, tab in frame.tabs(TABS, "learn_tab"):
    with tab:
        TABS[name]()
