"""Messages: errors, and what a page waits for."""

import time

import streamlit as st

from mnist_core.storage.database import DatabaseUnavailableError
from mnist_core.utils.errors import MnistError
from mnist_core.utils.server_settings import server_settings
from ui.session import cache

TRY_EVERY_S = 2


def show_error(error: MnistError) -> None:
    """Show an error as a sentence: the rule, the value received, the way out.

    If the database is unavailable, the page reruns as soon as it is back.
    """
    away = isinstance(error, DatabaseUnavailableError)
    st.error(sentence(for_visitors(str(error)) if away else str(error)), icon=":material/error:")
    if away and not error.readable:
        _return_with_the_database()


def for_visitors(trouble: str) -> str:
    """Return what is wrong with the database, on a hosted server without its address."""
    if not server_settings().hosted:
        return trouble
    return (
        "the database of this server is unavailable or full: your data is kept, and everything "
        "resumes as soon as the database is back"
    )


def _return_with_the_database() -> None:
    begun = time.monotonic()

    @st.fragment(run_every=TRY_EVERY_S)
    def attempt() -> None:
        if time.monotonic() - begun < TRY_EVERY_S / 2:  # the page itself has just failed
            return
        try:
            cache.store().runs()
        except MnistError:
            return
        st.rerun()

    attempt()


def sentence(words: str) -> str:
    """Return words as a sentence: a capital letter first, a period last."""
    return f"{words[:1].upper()}{words[1:]}."


@st.fragment(run_every=1)
def wait(then: str) -> None:
    """Say that the worker is not ready, until it is. then: what comes next, as a sentence."""
    status = cache.engine().status()
    if status.ready:
        st.rerun()
    st.info(f"One moment: {status.words}. {then}", icon=":material/hourglass_top:")
