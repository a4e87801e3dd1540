"""What the app and the browser tell each other once per session.

The app asks for one history entry per move; the browser reports its screen, and the token of the
visitor's workspace where no cookie brings it.
"""

from collections.abc import Callable
from functools import cache as once
from typing import Any

from streamlit.components import v2 as components

from ui.session import address, state, visitor
from ui.widgets import touch

_KEY = "browser"


def prepare() -> None:
    """Prepare the browser; its reply starts the writing of the address."""
    _component()(
        key=_KEY,
        data={
            "prepared": address.is_written(),  # not in a new session of a window that was open
            "ofPages": sorted(address.PAGE_PARAMETERS),
            "ofSession": sorted(address.OF_SESSION),
            "token": visitor.token_to_store(),
        },
        on_ready_change=_begin,
    )


def _begin() -> None:
    ready: Any = state.get(_KEY, {}).get("ready")
    if not isinstance(ready, dict):  # a browser may send anything
        ready = {}
    visitor.recognize(ready.get("token"))
    address.begin()
    touch.note_screen(ready)


@once
def _component() -> Callable[..., Any]:
    """Register the component; only a running server can."""
    return components.component("mnist_core.browser", js="browser.js")
