"""What stands round every page: the sidebar, and sentences for what went wrong."""

import streamlit as st

from mnist_core.errors import MnistError


def refuse(error: MnistError) -> None:
    """An error as a sentence on the page: the rule, the value, the way out."""
    words = str(error)
    st.error(words[:1].upper() + words[1:] + ".", icon=":material/error:")


def sidebar() -> None:
    """The engine's state."""
    st.sidebar.caption("…")
