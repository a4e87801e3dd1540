"""What stands round every page: the sidebar, and sentences for what went wrong."""

import streamlit as st

from mnist_core.errors import MnistError
from ui import cache, live, registry


def refuse(error: MnistError) -> None:
    """An error as a sentence on the page: the rule, the value, the way out."""
    words = str(error)
    st.error(words[:1].upper() + words[1:] + ".", icon=":material/error:")


def sidebar() -> None:
    """What the engine does now, on every page: nobody has to wait on the page Train."""
    moving = [run for run in cache.store().runs() if live.moves(run)]
    ready = cache.engine().status().ready

    @st.fragment(run_every=2 if moving or not ready else None)
    def now() -> None:
        for run in moving[:3]:
            seen = cache.store().run(run.id)
            st.progress(live.done(seen), f"Run {seen.id}: {live.where(seen)}")
        if moving:
            st.page_link(registry.path("train"), label="Watch", icon=":material/show_chart:")
            return
        status = cache.engine().status()
        icon = ":material/check_circle:" if status.ready else ":material/hourglass:"
        st.caption(f"{icon} {status.words[:1].upper()}{status.words[1:]}.")

    with st.sidebar:
        now()
