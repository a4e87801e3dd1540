"""Scrolling of the page to a place of it, which Streamlit cannot."""

from collections.abc import Callable
from functools import cache as once
from typing import Any

from streamlit.components import v2 as components


def here(turn: int, room: int) -> None:
    """Bring this place of the page into sight, once for each turn.

    turn: another number each time; room: pixels below the place that have to be in sight too.
    """
    _component()(key="scroll", data={"turn": turn, "room": room}, width="content")


@once
def _component() -> Callable[..., Any]:
    """Register the component; only a running server can."""
    return components.component("mnist_core.scroll", js="scroll.js")
