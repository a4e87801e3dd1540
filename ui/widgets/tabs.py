"""Tabs whose names are in the address, so that a link opens one of them."""

from collections.abc import Iterable, Iterator

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.session import address, state, teacher_link


def show_tabs(names: Iterable[str], key: str) -> Iterator[tuple[str, DeltaGenerator]]:
    """Draw tabs; yield the name and the container of the open one, since only that is drawn.

    key: of the widget and in the address, such as address.LOOK_TAB.
    Back from another page, the tab that was open last is open again. Never by `default`: a tab that
    is not in the address but not the first either keeps `st.switch_page` from leaving the page.
    """
    last_key = state.key(key, "last")
    listed = teacher_link.shown(key.removesuffix("_tab"), list(names))
    if not listed:
        st.info(
            "Your teacher's link hides all tabs of this page: show everything in the sidebar, or "
            "go on with another page.",
            icon=":material/visibility_off:",
        )
        return
    last = state.get(last_key)
    if last in listed and not state.has(key) and address.get(key) is None:
        state.put(key, last)
    if address.get(key) == listed[0]:  # only links have it, and Streamlit passes over it
        state.put(key, listed[0])
    opened = st.tabs(listed, key=key, bind="query-params")
    for name, tab in zip(listed, opened, strict=True):
        if tab.open:
            state.put(last_key, name)
            yield name, tab
