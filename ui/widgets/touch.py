"""Phones and other screens that are touched."""

import streamlit as st

from ui.session import state

_BY_FINGER = "by_finger"


def on_phone() -> bool:
    """Whether the browser is a phone's: a figure's height has to be known before its width."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


def by_finger() -> bool:
    """Whether the main pointer is a finger; a tablet's browser may call itself a desktop's.

    The browser says it in the first run of a session; until then every phone counts as touched.
    """
    return state.get(_BY_FINGER, on_phone())


def note_pointer(finger: bool) -> None:
    """Keep what the browser says about its main pointer."""
    state.put(_BY_FINGER, finger)


def room_above_table() -> None:
    """Leave room for the toolbar above the next table, which hides only where a mouse points."""
    if by_finger():
        st.space(32)
