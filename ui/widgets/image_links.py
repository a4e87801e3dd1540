"""Test images with captions, each a link that opens the image in Look inside.

The browser's side is in `mnist_core/frontend/image_links`.
"""

from collections.abc import Callable, Sequence
from functools import cache as once
from typing import Any

import numpy as np
from streamlit.components import v2 as components

from mnist_core.dataset import mnist
from mnist_core.evaluation.run import Run
from ui.charts.thumbnails import data_url
from ui.session import address, links, selection


def show(
    run: Run, rows: np.ndarray, captions: Sequence[str], alts: Sequence[str], key: str
) -> None:
    """Draw test images side by side; a click opens the image with this run in Look inside.

    rows: their indices in the test set.
    """
    images = mnist.load().x_test
    shown = [
        {
            "image": data_url(images[row]),
            "caption": caption,
            "alt": alt,
            "address": _address(run, int(row)),
        }
        for row, caption, alt in zip(rows, captions, alts, strict=True)
    ]
    _component()(key=key, data={"images": shown})


def _address(run: Run, row: int) -> str:
    """Return the link to an image, relative to any page of the app."""
    query = selection.image_query(run.id, row, address.LOOK_TAB, "Feature maps")
    return links.link_to("look", query)


@once
def _component() -> Callable[..., Any]:
    """Register the component; only a running server can."""
    return components.component(
        "mnist_core.image_links", js="image_links.js", css="image_links.css"
    )
