"""Charts on a phone: their size, and what a finger cannot do there."""

from collections.abc import Callable
from typing import Any

import streamlit as st


def on_phone() -> bool:
    """Whether the browser says so: a figure's height has to be known before it has a width."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


def on_select(choose: Callable[[], None]) -> Any:
    """For `st.plotly_chart(on_select=)`: a click chooses, but a tap does not.

    Plotly 7.1 takes a tap for a click on what was pointed at before. A box nearby does the same.
    """
    return "ignore" if on_phone() else choose
