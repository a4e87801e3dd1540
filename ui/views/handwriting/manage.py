"""The tab For teachers: open and close the collection; export, import and delete digits."""

import numpy as np
import streamlit as st

from mnist_core.dataset.digit_set import DigitSet
from mnist_core.exporting.digit_files import DIGIT_FORMATS
from mnist_core.importing.digit_files import max_megabytes, read_digits
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import Sample
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import plural
from ui.session import cache, state
from ui.views.handwriting import wall
from ui.widgets import messages

ABOUT = (
    "Anyone in this workspace can use this tab. For a class, create a class workspace on **Learn** "
    "and share its link only with your class."
)
_OPEN, _SURE = "handwriting_open", "handwriting_sure"
_WRITERS, _LABELS = "handwriting_writers", "handwriting_labels"


@st.fragment
def show() -> None:
    """Draw what only the person in charge should use."""
    store = cache.store()
    if refused := state.take_error():
        messages.show_error(refused)
    st.write(ABOUT)
    state.put(_OPEN, handwriting.is_open(store))  # another teacher may have changed it
    st.toggle(
        "Accept new digits",
        key=_OPEN,
        on_change=_set_open,
        help="When this is off, no one can save new digits. Saved digits are kept.",
    )
    samples = wall.follow()
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
    """Draw the downloads, which are made on a click of what there is then."""
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
    """Draw the form that adds the digits of a file, such as last year's class."""
    st.header("Import")
    with st.form("handwriting_import", clear_on_submit=True, border=False):
        file = st.file_uploader(
            "Digits from a file",
            max_upload_size=max_megabytes(),
            help="A file exported here, or other digits in MNIST's layout: `.npz`, or a zip of IDX "
            "files or pictures. Each of its writers gets a new number here.",
            key="handwriting_file",
        )
        sent = st.form_submit_button("Import", icon=":material/upload:")
    if sent and file:
        try:
            with st.spinner("Reading the digits"):
                digits = read_digits(file.name, file.getvalue())
                count = handwriting.add_set(cache.store(), f"{file.file_id}", digits)
        except MnistError as error:
            messages.show_error(error)
        else:
            st.success(f"Added {plural(count, 'digit')}.", icon=":material/check:")


def _digit_set() -> DigitSet:
    kept, samples = handwriting.drawings(cache.store()), handwriting.samples(cache.store())
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
