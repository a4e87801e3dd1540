"""Padding, stride and output size."""

import streamlit as st

from ui.ideas.idea import Idea, Where


@st.fragment
def show() -> None:
    """In the making."""


IDEA = Idea(
    name="output-size",
    title="Padding, stride and output size",
    says="",
    formulas=(),
    symbols="",
    to_try="",
    where=(Where("build", "Build a network"),),
    show=show,
)
