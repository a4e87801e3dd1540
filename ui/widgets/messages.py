"""What stands round every page: the sidebar, and sentences for what went wrong."""

import time
from collections.abc import Iterable, Iterator

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mnist_core.storage.database import AwayError
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from ui.session import cache, navigation, state, teacher_link
from ui.views.train import live

LOOK_EVERY_S, REST_S = 2, 10


def refuse(error: MnistError) -> None:
    """An error as a sentence on the page: the rule, the value, the way out."""
    away = isinstance(error, AwayError)
    st.error(sentence(_for_strangers(str(error)) if away else str(error)), icon=":material/error:")
    if away and not error.readable:
        _come_back()


def _for_strangers(trouble: str) -> str:
    """What is wrong with the database; on a hosted server without its address."""
    if not server_settings().hosted:
        return trouble
    return (
        "the database of this server cannot be used just now, or is full: what is recorded is "
        "kept, and all goes on by itself as soon as it is there again"
    )


def _come_back() -> None:
    """Draw the page anew once the database is there again."""
    begun = time.monotonic()

    @st.fragment(run_every=LOOK_EVERY_S)
    def look() -> None:
        if time.monotonic() - begun < LOOK_EVERY_S / 2:  # the page itself has just failed
            return
        try:
            cache.store().runs()
        except MnistError:
            return
        st.rerun()

    look()


def sentence(words: str) -> str:
    """Words as a sentence: a capital letter first, a full stop last."""
    return f"{words[:1].upper()}{words[1:]}."


def tabs(names: Iterable[str], key: str) -> Iterator[tuple[str, DeltaGenerator]]:
    """Tabs in the address under `key`: the open one and its name; the others need not be drawn.

    Back from another page, the one that was open last is open again. Never by `default`: a tab that
    is not in the address but not the first either keeps `st.switch_page` from leaving the page.
    """
    last = f"{key}_last"
    listed = teacher_link.shown(key.removesuffix("_tab"), list(names))
    if not listed:
        st.info(
            "Your teacher's link hides all tabs of this page: show everything in the sidebar, or "
            "go on with another page.",
            icon=":material/visibility_off:",
        )
        return
    if not {key} & {*st.session_state, *st.query_params} and state.value(last) in listed:
        st.session_state[key] = state.value(last)
    if st.query_params.get(key) == listed[0]:  # only links have it, and Streamlit passes over it
        st.session_state[key] = listed[0]
    opened = st.tabs(listed, key=key, bind="query-params")
    for name, tab in zip(listed, opened, strict=True):
        if tab.open:
            state.keep(last, name)
            yield name, tab


@st.fragment(run_every=1)
def wait(then: str) -> None:
    """Say that the engine is not ready, until it is. then: what appears here, as a sentence."""
    status = cache.engine().status()
    if status.ready:
        st.rerun()
    st.info(f"One moment: {status.words}. {then}", icon=":material/hourglass_top:")


def sidebar() -> None:
    """What the engine does now, on every page; it also notices runs of another tab."""
    moving = cache.store().moving()
    ready = cache.engine().status().ready
    often = bool(moving) or not ready

    @st.fragment(run_every=LOOK_EVERY_S if often else REST_S)
    def now() -> None:
        seen, status = cache.store().moving(), cache.engine().status()
        for run in seen[:3]:
            st.progress(live.done(run), f"Run {run.id}: {live.where(run)}")
        if seen:
            st.page_link(navigation.path("train"), label="Watch", icon=":material/show_chart:")
        else:
            icon = ":material/check_circle:" if status.ready else ":material/hourglass:"
            st.caption(f"{icon} {sentence(status.words)}")
        if status.trouble:
            st.warning(sentence(_for_strangers(status.trouble)), icon=":material/database_off:")
        if {run.id for run in seen} != {run.id for run in moving} or status.ready != ready:
            st.rerun()

    with st.sidebar:
        now()
