"""A choice that is kept in a query parameter by its short name instead of its title."""

import streamlit as st

from mnist_core.utils.text import plain_markdown
from ui.session import state
from ui.widgets import touch

FEW = 6
"""Pills that fit into two or three lines on a phone."""


def asks(key: str) -> bool:
    """Return whether the address sets the choice: a new link, not what `pick` wrote itself."""
    return st.query_params.get(key) not in (None, state.value(f"learn_{key}_last"))


def pick(label: str, titles: dict[str, str], key: str) -> str:
    """Draw pills of which one is chosen; return its name.

    titles: by name; key: of the query parameter. On a phone, many titles become a list. The choice
    is restored when the user returns from another page.
    """
    widget, last = f"learn_{key}", f"learn_{key}_last"
    asked = st.query_params.get(key)
    if asked is not None and asked not in titles:
        words = f"There is no {key} “{plain_markdown(asked[:40])}” in Learn: choose one below."
        st.warning(words, icon=":material/search_off:")
        asked = None
    if asked and asks(key):
        st.session_state[widget] = asked
    elif widget not in st.session_state:
        st.session_state[widget] = state.value(last, next(iter(titles)))
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
    assert name is not None  # the widget requires a choice
    state.keep(last, name)
    if st.query_params.get(key) != name:
        st.query_params[key] = name
    return name
