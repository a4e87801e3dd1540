"""Twelve augmented variants of a training image, below the sliders of the augmentation."""

import streamlit as st

from mnist_core.dataset import mnist, samples
from mnist_core.engine.engine import EngineError
from mnist_core.network.spec import Augmentation
from mnist_core.utils.text import with_article
from ui.session import cache, state
from ui.widgets import gallery, messages

VARIANTS = 12
_ROW = "build_augmented"


def show(changes: Augmentation, seed: int) -> None:
    """Draw variants of a training image, augmented as in training, and a button for another."""
    row = state.get(_ROW, 0) % mnist.TRAINING_IMAGES
    digit = samples.example("training", row)
    if changes == Augmentation():
        words = "All three settings are 0, so the images do not change."
        images = digit.image[None]
    else:
        one = with_article(digit.label)
        words = f"Training image {row:,}, {one}, as it could look in {VARIANTS} epochs."
        try:
            images = cache.augmented(row, changes, seed, VARIANTS)
        except EngineError as error:
            messages.show_error(error)
            return
    alts = [f"{digit.words}, variant {number}" for number in range(1, len(images) + 1)]
    gallery.gallery(images, [""] * len(images), alts, 56)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words, width="stretch")
        st.button(
            "Another digit",
            icon=":material/refresh:",
            key="build_another_digit",
            on_click=state.increment,
            args=(_ROW,),
        )
