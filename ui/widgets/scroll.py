"""Scrolling to a place on the page, which Streamlit does not offer."""

from collections.abc import Callable
from functools import cache as once
from typing import Any

from streamlit.components import v2 as components


def here(turn: int, room: int) -> None:
    """Scroll this place of the page into view, once per turn.

    turn: a new number each time; room: pixels below the place that must be in view too.
    """
    _component()(key="scroll", data={"turn": turn, "room": room}, width="content")


@once
def _component() -> Callable[..., Any]:
    """Register the component; only a running server can."""
    return components.component("mnist_core.scroll", js="scroll.js")
