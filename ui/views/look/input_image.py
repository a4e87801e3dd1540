"""The input image of the page Look inside: a test image, a drawing or an upload, for all tabs."""

import random
from collections.abc import Callable

import streamlit as st

from mnist_core.dataset import mnist
from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.utils.errors import MnistError
from ui.session import address, state
from ui.widgets import canvas, controls, messages
from ui.widgets.canvas import Digit

SIDE = 340  # pixels of the sheet

_IMAGE = "look_image"


def choose() -> Digit | None:
    """Draw the widgets that choose an image; return the image, None while there is none."""
    source = controls.choice("Image", list(SOURCES), "look_source")
    try:
        digits = SOURCES[source]()
    except MnistError as error:
        messages.show_error(error)
        return None
    if not digits:
        start = "Choose a picture" if source == "Upload" else "Draw a digit"
        st.info(f"{start}, and you see here what the network makes of it.", icon=":material/draw:")
        return None
    first, *others = digits
    if others:
        st.caption(f"The picture has {len(digits)} digits; the first one is used here.")
    return first


def _test_image() -> tuple[Digit, ...]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        row = st.number_input(
            "Number, 0 to 9,999", 0, 9_999, 0, key=_IMAGE, width=170, persist_state="session"
        )
        st.button("Any other", icon=":material/casino:", key="look_any", on_click=_take_any)
        data = mnist.load()
        image, label = data.x_test[row], int(data.y_test[row])
        st.caption(f"Its label says {label}.")
    return (Digit(image, label=label),)


def _take_any() -> None:
    state.put(_IMAGE, random.randrange(TEST_IMAGES))


def _draw() -> tuple[Digit, ...]:
    # Each tab has its own canvas in the browser.
    with st.container(width=SIDE):
        return canvas.draw(state.get(address.LOOK_TAB, ""))


SOURCES: dict[str, Callable[[], tuple[Digit, ...]]] = {
    "Test image": _test_image,
    "Draw": _draw,
    "Upload": canvas.upload,
}
