"""Step 7: all runs side by side."""

import streamlit as st

st.title("Compare")
