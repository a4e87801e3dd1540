"""The input image of the page Look inside: a test image, a drawing or an upload, for all tabs."""

import random
from collections.abc import Callable

import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.utils.errors import MnistError
from ui.session import address, navigation, selection, state
from ui.widgets import canvas, controls, gallery, messages
from ui.widgets.canvas import Digit

SIDE = 340  # pixels of the sheet

_IMAGE, _SOURCE, _TEST_IMAGE = "look_image", "look_source", "Test image"


def choose() -> Digit | None:
    """Draw the widgets that choose an image; return the image, None while there is none."""
    state.setdefault(_SOURCE, _TEST_IMAGE)
    if (asked := selection.asked_image(_IMAGE)) is not None:
        state.put(_IMAGE, asked)
        state.put(_SOURCE, _TEST_IMAGE)
    line = st.container(horizontal=True, vertical_alignment="center")
    try:
        with line:
            source = controls.choice(
                "Image", list(SOURCES), _SOURCE, default=None, label_visibility="collapsed"
            )
            if source != _TEST_IMAGE:
                selection.write_image(_IMAGE, None)
            digits = SOURCES[source]()
    except MnistError as error:
        messages.show_error(error)
        return None
    if not digits:
        start = "Choose a picture" if source == "Upload" else "Draw a digit"
        st.info(f"{start} to see what the network makes of it.", icon=":material/draw:")
        return None
    first, *others = digits
    line.image(gallery.enlarge(first.image), width=40, alt="The image")
    if others:
        st.caption(f"The picture has {len(digits)} digits; the first one is used.")
    return first


def _test_image() -> tuple[Digit, ...]:
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        row = st.number_input(
            "Number, 0 to 9,999",
            *(0, 9_999),
            key=_IMAGE,
            width=130,
            label_visibility="collapsed",
            persist_state="session",
        )
        st.button("Random image", icon=":material/casino:", key="look_any", on_click=_take_any)
        data = mnist.load()
        image, label = data.x_test[row], int(data.y_test[row])
        st.caption(f"Its label says {label}.")
        selection.write_image(_IMAGE, row)
        if run_id := selection.shown_run():
            st.page_link(
                navigation.path("results"),
                label="See it in Results",
                icon=":material/fact_check:",
                query_params=selection.image_query(run_id, row, address.RESULTS_TAB, "One image"),
            )
    return (Digit(image, label=label),)


def _take_any() -> None:
    state.put(_IMAGE, random.randrange(TEST_IMAGES))


def _draw() -> tuple[Digit, ...]:
    # Each tab has its own canvas in the browser.
    with st.container(width=SIDE):
        return canvas.draw(state.get(address.LOOK_TAB, ""))


SOURCES: dict[str, Callable[[], tuple[Digit, ...]]] = {
    _TEST_IMAGE: _test_image,
    "Draw": _draw,
    "Upload": canvas.upload,
}
