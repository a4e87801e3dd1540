"""Tabs whose names are in the address, so that a link can open a tab."""

from collections.abc import Iterable, Iterator, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from ui.session import address, state, teacher_link

EARLIER = {"What fools it": "Adversarial examples", "Take it away": "Export"}
"""Names of tabs in earlier links, and their present names."""


def show_tabs(names: Iterable[str], key: str) -> Iterator[tuple[str, DeltaGenerator]]:
    """Draw tabs; yield the name and the container of the open tab, since only this one is drawn.

    key: of the widget and in the address, such as address.LOOK_TAB.
    After a visit to another page, the last open tab is open again. This never uses `default`: a tab
    after the first that is not in the address keeps `st.switch_page` from leaving the page.
    """
    last_key = state.key(key, "last")
    listed = _shown(names, key)
    if not listed:
        return
    if (asked := address.get(key)) in EARLIER:
        state.put(key, EARLIER[asked])
    last = state.get(last_key)
    if last in listed and not state.has(key) and address.get(key) is None:
        state.put(key, last)
    if address.get(key) == listed[0]:  # only links name the first tab, and Streamlit ignores it
        state.put(key, listed[0])
    opened = st.tabs(listed, key=key, bind="query-params")
    for name, tab in zip(listed, opened, strict=True):
        if tab.open:
            state.put(last_key, name)
            yield name, tab


def show_groups(
    groups: Mapping[str, Iterable[str]], key: str
) -> Iterator[tuple[str, DeltaGenerator]]:
    """Draw a tab per group with a choice of its views; yield the open view and its container.

    groups: names of views by the name of their group; key: of the view in the address, such as
    address.LOOK_TAB, and in the session. A link names a view and opens its group. After a visit to
    another page, the last open view is open again.
    """
    listed = _shown((view for views in groups.values() for view in views), key)
    if not listed:
        return
    shown = {group: [view for view in views if view in listed] for group, views in groups.items()}
    shown = {group: views for group, views in shown.items() if views}
    view = _view(listed, key)
    group = next(group for group, views in shown.items() if view in views)
    tabs_key, view_key = state.key(key, "group"), state.key(key, group)
    state.put(tabs_key, group)
    state.put(view_key, view)
    state.put(state.key(view_key, "last"), view)
    tabs = st.tabs(list(shown), key=tabs_key, on_change=_open_group, args=(key, tabs_key, shown))
    with tabs[list(shown).index(group)] as tab:
        if len(shown[group]) > 1:
            st.segmented_control(
                group,
                shown[group],
                required=True,
                key=view_key,
                label_visibility="collapsed",
                on_change=_open_view,
                args=(key, view_key),
            )
    yield view, tab


def _view(listed: list[str], key: str) -> str:
    """Return the view that the address names, else the last open one, else the first.

    The address is updated; it need not name the first view.
    """
    asked = address.get(key)
    wanted = (EARLIER.get(asked, asked) if asked else None, state.get(key))
    view = next((view for name in wanted for view in listed if view == name), listed[0])
    state.put(key, view)
    if asked != view and (asked is not None or view != listed[0]):
        address.put(key, view)
    return view


def _open_group(key: str, tabs_key: str, shown: Mapping[str, list[str]]) -> None:
    """Open the last open view of a group, initially the group's first view."""
    group = state.require(tabs_key, str)
    last = state.get(state.key(key, group, "last"))
    _open(key, next((view for view in shown[group] if view == last), shown[group][0]))


def _open_view(key: str, view_key: str) -> None:
    """Open a view; remember it even if another group is opened before the page is drawn."""
    view = state.require(view_key, str)
    state.put(state.key(view_key, "last"), view)
    _open(key, view)


def _open(key: str, view: str) -> None:
    state.put(key, view)
    address.put(key, view)


def _shown(names: Iterable[str], key: str) -> list[str]:
    """Return the names that a teacher's link does not hide; say so if none is left."""
    listed = teacher_link.shown(key.removesuffix("_tab"), list(names))
    if not listed:
        st.info(
            "Your teacher's link hides all tabs of this page: press Show everything in the "
            "sidebar, or open another page.",
            icon=":material/visibility_off:",
        )
    return listed
