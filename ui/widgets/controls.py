"""Controls that keep their values while people visit other pages."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any, TypeVar

import streamlit as st

from ui.session import state

T = TypeVar("T")

slider = partial(st.slider, persist_state="session")
select_slider = partial(st.select_slider, persist_state="session")
number = partial(st.number_input, persist_state="session")
selectbox = partial(st.selectbox, persist_state="session")
toggle = partial(st.toggle, persist_state="session")
side_by_side = partial(st.container, horizontal=True, vertical_alignment="bottom")
"""Controls side by side, below one another on a phone."""


def in_line(
    draw: Callable[..., T], label: str, *args: Any, help: str | None = None, **more: Any
) -> T:
    """Draw a short label and a control in one line; return the control's value.

    draw: draws the control, such as `choice` or `st.number_input`; args, more: its arguments.
    """
    with st.container(horizontal=True, vertical_alignment="center", width="content", gap="xsmall"):
        st.markdown(label, width="content", help=help)
        return draw(label, *args, label_visibility="collapsed", **more)


def choice(label: str, options: Iterable[T], key: str, first: T | None = None, **more: Any) -> T:
    """Draw buttons of which exactly one is always chosen; return the chosen option.

    first: the initial choice, None for the first option; more: for `st.segmented_control`.
    """
    options = list(options)
    settings = {"default": options[0] if first is None else first, "persist_state": "session"}
    return st.segmented_control(label, options, required=True, key=key, **settings | more)


def pills(label: str, options: Sequence[str], key: str) -> str:
    """Draw a `choice` with many options, which wrap on a phone; return the chosen option."""
    return st.pills(
        label,
        options,
        default=options[0],
        required=True,
        key=key,
        wrap=True,
        persist_state="session",
    )


def draw_again(label: str, key: str) -> int:
    """Draw a button that repeats a random draw; return the seed: the number of clicks so far."""
    seed = state.key(key, "seed")
    st.button(label, icon=":material/casino:", key=key, on_click=state.increment, args=(seed,))
    return state.get(seed, 0)
