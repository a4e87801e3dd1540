"""The tab For teachers: open and close the collection; export, import and delete digits."""

import numpy as np
import streamlit as st

from mnist_core.dataset.digit_set import DigitSet
from mnist_core.exporting.digit_files import DIGIT_FORMATS
from mnist_core.importing.digit_files import max_megabytes, read_digits
from mnist_core.network.spec import COLLECTION_LENGTH
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import Sample
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural
from ui.session import cache, state
from ui.widgets import class_digits, messages

ABOUT = (
    "Anyone in this workspace can use this tab. For a class, create a class workspace on **Learn** "
    "and share its link only with your class."
)
_OPEN, _SURE = "handwriting_open", "handwriting_sure"
_NAME, _ADDED = "handwriting_name", "handwriting_added"
_WRITERS, _LABELS = "handwriting_writers", "handwriting_labels"


@st.fragment
def show() -> None:
    """Draw the switch of the collection, and the tools to export, import and delete digits."""
    store = cache.store()
    if refused := state.take_error():
        messages.show_error(refused)
    st.write(ABOUT)
    state.put(_OPEN, handwriting.is_open(store))  # another teacher may have changed it
    st.toggle(
        "Accept new digits",
        key=_OPEN,
        on_change=_set_open,
        help="Turn it off to keep anyone from saving new digits. Saved digits stay.",
    )
    samples = class_digits.follow(class_digits.chosen_set())
    left, right = st.columns(2, gap="large")
    with left:
        if samples:
            _export()
        _import()
    with right:
        if samples:
            _choose_and_delete(samples)
        else:
            st.info("There are no digits yet.", icon=":material/info:")


def _export() -> None:
    """Draw the downloads; each file is made on a click, of the digits that exist then."""
    st.header("Export")
    for ending, format in DIGIT_FORMATS.items():
        st.download_button(
            f"our-handwriting{ending}",
            lambda write=format.write: write(_digit_set()),
            f"our-handwriting{ending}",
            icon=":material/download:",
            on_click="ignore",
            help=format.words,
            key=state.key("handwriting_export", ending),
        )


def _import() -> None:
    """Draw the form that adds the digits of a file as a set, such as last year's class."""
    st.header("Import")
    with st.form("handwriting_import", clear_on_submit=True, border=False):
        file = st.file_uploader(
            "Digits from a file",
            max_upload_size=max_megabytes(),
            help="A file exported here, or other digits in MNIST's layout: `.npz`, or a zip of IDX "
            "files or pictures. They become a separate set.",
            key="handwriting_file",
        )
        name = st.text_input(
            "Name of the set",
            key=_NAME,
            max_chars=COLLECTION_LENGTH,
            placeholder="Last year",
        )
        sent = st.form_submit_button("Import", icon=":material/upload:")
    if sent and file:
        try:
            with st.spinner("Reading the digits"):
                digits = read_digits(file.name, file.getvalue())
                count = handwriting.add_set(cache.store(), name or file.name, digits)
        except MnistError as error:
            messages.show_error(error)
        else:
            state.put(_ADDED, count)
            st.rerun()  # the whole page, which now offers the set
    if added := state.get(_ADDED, 0):
        state.pop(_ADDED)
        st.success(f"Added {plural(added, 'digit')}.", icon=":material/check:")


def _digit_set() -> DigitSet:
    store, name = cache.store(), class_digits.chosen_set()
    kept, samples = handwriting.drawings(store, name), handwriting.samples(store, collection=name)
    return DigitSet(
        np.stack([each.image for each in samples]),
        np.array([each.label for each in samples], np.uint8),
        np.array([each.writer for each in samples], np.int32),
        tuple(kept.get(each.id, b"") for each in samples),
    )


def _choose_and_delete(samples: list[Sample]) -> None:
    st.header("Delete digits")
    writers = st.multiselect(
        "Writers",
        sorted({each.writer for each in samples}),
        format_func=lambda writer: f"Writer {writer}",
        key=_WRITERS,
        placeholder="Choose writers",
        on_change=state.put,
        args=(_SURE, False),
    )
    labels = st.multiselect(
        "Digits",
        range(10),
        key=_LABELS,
        placeholder="All digits",
        on_change=state.put,
        args=(_SURE, False),
    )
    ids = [
        each.id
        for each in samples
        if each.writer in writers and (not labels or each.label in labels)
    ]
    sure = st.checkbox("Delete these digits permanently", key=_SURE, disabled=not ids)
    st.button(
        f"Delete {plural(len(ids), 'digit')}" if ids else "Delete",
        icon=":material/delete:",
        disabled=not (ids and sure),
        on_click=_delete,
        args=(ids,),
        key="handwriting_delete_chosen",
    )


def _set_open() -> None:
    try:
        handwriting.set_open(cache.store(), bool(state.get(_OPEN)))
    except MnistError as error:
        state.keep_error(error)


def _delete(ids: list[int]) -> None:
    try:
        handwriting.remove(cache.store(), ids)
    except MnistError as error:
        state.keep_error(error)
    state.put(_WRITERS, [])
    state.put(_LABELS, [])
    state.put(_SURE, False)
