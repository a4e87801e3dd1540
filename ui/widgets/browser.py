"""What the app tells the browser once: to keep one entry in its history per move."""

from collections.abc import Callable
from functools import cache as once
from typing import Any

from streamlit.components import v2 as components

from ui.session import address


def prepare() -> None:
    """Prepare the browser; its answer begins the writing of the address."""
    _component()(
        key="browser",
        data={
            "prepared": address.is_written(),  # not in a new session of a window that was open
            "ofPages": sorted(address.PAGE_PARAMETERS),
        },
        on_ready_change=address.begin,
    )


@once
def _component() -> Callable[..., Any]:
    """Register the component; only a running server can."""
    return components.component("mnist_core.browser", js="browser.js")
