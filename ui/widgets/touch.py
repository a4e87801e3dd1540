"""The screen that shows a page: a phone's, a touch screen, or a projector's."""

from collections.abc import Mapping

import streamlit as st

from ui.session import state

_BY_FINGER, _GROWTH, _MOVES = "by_finger", "screen_growth", "screen_moves"
LARGE = 1600
"""Width in pixels from which a window counts as a projector's."""

HEIGHT, MOST_GROWTH = 900, 1.4
"""Height in pixels that pages are designed for; largest factor by which a figure grows."""


def on_phone() -> bool:
    """Whether the browser is a phone's.

    Figures need this, since their height is set before the width of the window is known.
    """
    return "Mobi" in st.context.headers.get("User-Agent", "")


def by_finger() -> bool:
    """Whether the main pointer is a finger; a tablet's browser may call itself a desktop's.

    The browser reports it in the first run of a session; until then only phones count as touched.
    """
    return state.get(_BY_FINGER, on_phone())


def growth() -> float | None:
    """Return the factor by which figures grow in a projector's window; None in other windows.

    At least 1, and in proportion to the height of the window. The browser reports it in the first
    run of a session.
    """
    return state.get(_GROWTH, None)


def likes_motion() -> bool:
    """Whether the browser has reported that the visitor accepts motion."""
    return state.get(_MOVES, False)


def note_screen(said: Mapping[str, object]) -> None:
    """Keep the browser's report: `finger` and `still`, `width` and `height` in pixels."""
    width, height = said.get("width"), said.get("height")
    state.put(_BY_FINGER, bool(said.get("finger")))
    state.put(_MOVES, not said.get("still"))
    if isinstance(width, int) and isinstance(height, int) and width >= LARGE:
        state.put(_GROWTH, min(max(1.0, height / HEIGHT), MOST_GROWTH))
    else:
        state.pop(_GROWTH)


def room_above_table() -> None:
    """Leave room above the next table for its toolbar, which stays visible without a mouse."""
    if by_finger():
        st.space(32)
