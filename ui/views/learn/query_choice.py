"""A choice that is kept in a query parameter by its short name instead of its title."""

import streamlit as st

from mnist_core.utils.text import plain_markdown
from ui.session import address, state

FEW = 6
"""Pills that fit into one line, or into two or three on a phone."""


def asks(key: str) -> bool:
    """Return whether the address sets the choice: a new link, not what `pick` wrote itself."""
    return address.get(key) not in (None, state.get(state.key("learn", key, "last")))


def choose(key: str, name: str) -> None:
    """Choose a name in a callback, as if it had been picked."""
    state.put(state.key("learn", key), name)


def pick(label: str, titles: dict[str, str], key: str) -> str:
    """Draw pills of which one is chosen, or a list if there are many; return the chosen name.

    titles: by name; key: of the query parameter. The choice is restored when the user returns from
    another page.
    """
    widget, last = state.key("learn", key), state.key("learn", key, "last")
    asked = address.get(key)
    if asked is not None and asked not in titles:
        words = f"Learn has no {key} called “{plain_markdown(asked[:40])}”: choose one below."
        st.warning(words, icon=":material/search_off:")
        asked = None
    chosen = asked if asks(key) else None
    # In every run, since a run that follows at once may keep the one before from the browser.
    state.put(widget, chosen or state.get(widget, state.get(last, next(iter(titles)))))
    if len(titles) > FEW:
        numbers = {name: number for number, name in enumerate(titles, 1)}
        name = st.selectbox(
            label,
            list(titles),
            format_func=lambda at: f"{numbers[at]} of {len(titles)}: {titles[at]}",
            key=widget,
            label_visibility="collapsed",
        )
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
