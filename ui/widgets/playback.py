"""Playback: a button that advances a choice step by step, such as a slider, to its last value."""

import time
from collections.abc import Callable

import streamlit as st

from ui.session import state

STEP_S = 1.0
"""Seconds between two steps."""

AWAY_S = 5.0
"""After this many seconds without a step, the page of a playback counts as left."""


def show(key: str, draw: Callable[[], None]) -> None:
    """Draw a part of the page; while it plays, draw it again for each step.

    key: of the playback; draw: calls `position` and `button`.
    """
    if is_playing(key) and time.monotonic() > state.get(state.key(key, "due"), 0.0) + AWAY_S:
        stop(key)
    playing = is_playing(key)

    @st.fragment(run_every=STEP_S if playing else None)
    def part() -> None:
        if is_playing(key) == playing:
            draw()
        if is_playing(key) != playing:  # only a whole rerun starts or ends the playback
            st.rerun()

    part()


def position(key: str, at: int, last: int, by: int = 1) -> int:
    """Return the position to show: `at`, or `by` further if a step is due; `last` ends playback."""
    due = state.key(key, "due")
    if is_playing(key) and time.monotonic() >= state.get(due, 0.0):
        state.put(due, time.monotonic() + STEP_S / 2)  # the browser is not exact
        at = min(at + by, last)
        if at == last:
            stop(key)
    return at


def button(key: str, restart: Callable[[], None] | None = None) -> None:
    """Draw the button that plays or pauses. restart: returns to the first position; or None."""
    words, icon = ("Pause", "pause") if is_playing(key) else ("Play", "play_arrow")
    st.button(
        words,
        icon=f":material/{icon}:",
        key=state.key(key, "play"),
        on_click=_toggle,
        args=(key, restart),
    )


def stop(key: str) -> None:
    """End the playback where it is."""
    state.put(state.key(key, "playing"), False)


def is_playing(key: str) -> bool:
    """Whether the playback is running."""
    return state.get(state.key(key, "playing"), False)


def _toggle(key: str, restart: Callable[[], None] | None) -> None:
    go = not is_playing(key)
    state.put(state.key(key, "playing"), go)
    if go:
        state.put(state.key(key, "due"), time.monotonic() + STEP_S)
        if restart:
            restart()
