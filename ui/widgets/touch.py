"""Charts on phones: detecting a phone, and replacing what touch cannot do."""

from collections.abc import Callable
from typing import Literal

import streamlit as st


def on_phone() -> bool:
    """Whether the browser is a phone's: a figure's height has to be known before its width."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


def on_select(choose: Callable[[], None]) -> Callable[[], None] | Literal["ignore"]:
    """Return the argument for `st.plotly_chart(on_select=)`: a click chooses, but a tap does not.

    Plotly 7.1 takes a tap for a click on what was pointed at before. A box nearby does the same.
    """
    return "ignore" if on_phone() else choose
