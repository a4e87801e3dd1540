"""A choice that stands in the address by its short name, not by the words on the page."""

import streamlit as st

from mnist_core.utils.text import plain_markdown
from ui.session import address, state
from ui.widgets import touch

FEW = 6
"""So many pills stand in two or three lines of a phone."""


def asks(key: str) -> bool:
    """Whether the address is a link that chooses anew, and not what `pick` wrote itself."""
    return address.get(key) not in (None, state.get(state.key("learn", key, "last")))


def pick(label: str, titles: dict[str, str], key: str) -> str:
    """Pills of which one is chosen; returns its name. titles: words by name; key: in the address.

    On a phone, where many would fill the screen, a list. Back from another page, the last choice
    is chosen again.
    """
    widget, last = state.key("learn", key), state.key("learn", key, "last")
    asked = address.get(key)
    if asked is not None and asked not in titles:
        words = f"There is no {key} “{plain_markdown(asked[:40])}” in Learn: choose one below."
        st.warning(words, icon=":material/search_off:")
        asked = None
    if asked and asks(key):
        state.put(widget, asked)
    elif not state.has(widget):
        state.put(widget, state.get(last, next(iter(titles))))
    if touch.on_phone() and len(titles) > FEW:
        name = st.selectbox(label, list(titles), format_func=titles.__getitem__, key=widget)
    else:
        name = st.pills(
            label,
            list(titles),
            required=True,
            format_func=titles.__getitem__,
            key=widget,
            label_visibility="collapsed",
        )
    assert name is not None  # one is required
    state.put(last, name)
    address.put(key, name)
    return name
