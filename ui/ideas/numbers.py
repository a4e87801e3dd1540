"""An image is numbers."""

import streamlit as st

from ui.ideas.idea import Idea, Where


@st.fragment
def show() -> None:
    """In the making."""


IDEA = Idea(
    name="numbers",
    title="An image is numbers",
    says="",
    formulas=(),
    symbols="",
    to_try="",
    where=(Where("build", "Build a network"),),
    show=show,
)
