"""The tab For teachers: open and close the collection, remove digits, and export them."""

import streamlit as st

from mnist_core.storage import handwriting
from mnist_core.utils.text import plural
from ui.session import cache, state
from ui.views.handwriting import wall

ABOUT = (
    "Everybody in this workspace can use this tab, as they can delete runs: for a class, make a "
    "workspace for it on **Learn**, and give the link to the class alone."
)
_OPEN, _REMOVE, _SURE = "handwriting_open", "handwriting_remove", "handwriting_sure"


def show() -> None:
    """Draw what only the person in charge should use."""
    store = cache.store()
    st.write(ABOUT)
    st.toggle(
        "The class may write",
        handwriting.is_open(store),
        key=_OPEN,
        on_change=_set_open,
        help="While this is off, nobody can save a digit. Digits that were saved stay.",
    )
    samples = wall.follow()
    if not samples:
        st.info("There are no digits yet.", icon=":material/info:")
        return
    st.header("Remove digits")
    writers: dict[int, list[int]] = {}
    for each in samples:
        writers.setdefault(each.writer, []).append(each.id)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            "Writers",
            sorted(writers),
            format_func=lambda writer: f"Writer {writer} ({plural(len(writers[writer]), 'digit')})",
            key=_REMOVE,
            placeholder="Choose writers",
        )
        labels = st.multiselect("Digits", range(10), key="handwriting_labels", placeholder="all")
    gone = [
        each.id
        for each in samples
        if each.writer in chosen and (not labels or each.label in labels)
    ]
    sure = st.checkbox("I am sure: they are deleted for good", key=_SURE, disabled=not gone)
    st.button(
        f"Remove {plural(len(gone), 'digit')}",
        icon=":material/delete:",
        disabled=not (gone and sure),
        on_click=_remove,
        args=(gone,),
        key="handwriting_remove_now",
    )


def _set_open() -> None:
    handwriting.set_open(cache.store(), bool(state.get(_OPEN)))


def _remove(ids: list[int]) -> None:
    handwriting.remove(cache.store(), ids)
    state.put(_REMOVE, [])
    state.put(_SURE, False)
