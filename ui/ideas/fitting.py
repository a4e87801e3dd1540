"""Underfitting and overfitting."""

import streamlit as st

from ui.ideas.idea import Idea, Where


@st.fragment
def show() -> None:
    """In the making."""


IDEA = Idea(
    name="fitting",
    title="Underfitting and overfitting",
    says="",
    formulas=(),
    symbols="",
    to_try="",
    where=(Where("build", "Build a network"),),
    show=show,
)
