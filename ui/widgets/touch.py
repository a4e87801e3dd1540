"""What screen a page is shown on: a phone's, one that is touched, one for a whole class."""

from collections.abc import Mapping

import streamlit as st

from ui.session import state

_BY_FINGER, _GROWTH, _MOVES = "by_finger", "screen_growth", "screen_moves"
LARGE = 1600
"""Pixels of width from which on a window is taken for a projector's."""

HEIGHT, MOST_GROWTH = 900, 1.4
"""Pixels of height that pages are made for; how much higher a figure gets at most."""


def on_phone() -> bool:
    """Whether the browser is a phone's: a figure's height has to be known before its width."""
    return "Mobi" in st.context.headers.get("User-Agent", "")


def by_finger() -> bool:
    """Whether the main pointer is a finger; a tablet's browser may call itself a desktop's.

    The browser says it in the first run of a session; until then every phone counts as touched.
    """
    return state.get(_BY_FINGER, on_phone())


def growth() -> float | None:
    """Return how much higher figures are in a window as wide as a projector's; None in others.

    At least 1, and so much that what fits a page of usual height fits this one. The browser says
    it in the first run of a session.
    """
    return state.get(_GROWTH, None)


def likes_motion() -> bool:
    """Whether the visitor did not ask for less motion, as far as the browser has said it."""
    return state.get(_MOVES, False)


def note_screen(said: Mapping[str, object]) -> None:
    """Keep what the browser says: `finger` and `still`, `width` and `height` in pixels."""
    width, height = said.get("width"), said.get("height")
    state.put(_BY_FINGER, bool(said.get("finger")))
    state.put(_MOVES, not said.get("still"))
    if isinstance(width, int) and isinstance(height, int) and width >= LARGE:
        state.put(_GROWTH, min(max(1.0, height / HEIGHT), MOST_GROWTH))
    else:
        state.pop(_GROWTH)


def room_above_table() -> None:
    """Leave room for the toolbar above the next table, which hides only where a mouse points."""
    if by_finger():
        st.space(32)
