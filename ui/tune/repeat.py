"""The tab Repeat of the page Tune."""

import streamlit as st


@st.fragment
def show() -> None:
    """Draw it into the current container."""
