"""What screen a page is shown on: a phone's, one that is touched, one for a whole class."""

import streamlit as st

from ui.session import state

_BY_FINGER, _IS_LARGE = "by_finger", "is_large"
LARGE = 1600
"""Pixels of width from which on a window is taken for a projector's."""


def on_phone() -> bool:
    """Whether the browser is a phone's: a figure's height has to be known before its width."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


def by_finger() -> bool:
    """Whether the main pointer is a finger; a tablet's browser may call itself a desktop's.

    The browser says it in the first run of a session; until then every phone counts as touched.
    """
    return state.get(_BY_FINGER, on_phone())


def is_large() -> bool:
    """Whether the window is as wide as a projector's: figures and their letters are larger there.

    The browser says it in the first run of a session.
    """
    return state.get(_IS_LARGE, False)


def note_screen(finger: bool, width: object) -> None:
    """Keep what the browser says about its main pointer and its width in pixels."""
    state.put(_BY_FINGER, finger)
    state.put(_IS_LARGE, isinstance(width, int) and width >= LARGE)


def room_above_table() -> None:
    """Leave room for the toolbar above the next table, which hides only where a mouse points."""
    if by_finger():
        st.space(32)
