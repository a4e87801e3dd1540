"""Rows of small images with captions, which wrap with the width of the page."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from ui.charts.thumbnails import data_url
from ui.session import state

SCALE = 4  # pixels on screen per pixel of the image, so that browsers do not blur it


def enlarge(image: np.ndarray, scale: int = SCALE) -> str:
    """Return a picture for `st.image`, each pixel a square of scale x scale.

    image: (H, W) uint8.
    """
    return data_url(np.kron(image, np.ones((scale, scale), np.uint8)))


def gallery(
    images: Sequence[np.ndarray] | np.ndarray,
    captions: Sequence[str],
    alts: Sequence[str],
    width: int = 72,
) -> None:
    """Draw images side by side. images: uint8 (28, 28) each, ink bright; width: on screen."""
    with st.container(horizontal=True, gap="small"):
        for image, caption, alt in zip(images, captions, alts, strict=True):
            st.image(enlarge(image), caption or None, width, alt=alt)


def page(count: int, size: int, key: str, chosen: int = 0) -> slice:
    """Draw the page selector of a long list; return which of its items are on the chosen page.

    count: items in all; size: per page; chosen: index of an item, whose page is shown first.
    """
    pages = max(1, -(-count // size))
    if state.get(key, 1) > pages:  # another run or a filter left fewer pages
        state.put(key, pages)
    number = 1
    if pages > 1:
        first = chosen // size + 1
        number = st.pagination(pages, default=first, key=key, persist_state="session")
    return slice((number - 1) * size, number * size)
