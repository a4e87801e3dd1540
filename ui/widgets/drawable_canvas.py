"""The library streamlit-drawable-canvas, with our own script and style around its sheet."""

import sys
import threading
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

import streamlit as st
from streamlit.components import v2 as components

import mnist_core

_LIBRARY = "streamlit_drawable_canvas"
_ASSETS = Path(mnist_core.__file__).parent / "frontend" / "canvas"
_WORDS = {
    "label": "Sheet for drawing a digit with a mouse, a finger or a stylus. On a keyboard, the "
    "arrow keys move the pen, and the space bar puts the pen down or lifts it.",
    "hint": "Arrow keys move the pen; the space bar puts it down or lifts it",
    "down": "The pen is down.",
    "up": "The pen is up.",
}
_importing = threading.Lock()
_register: Callable[..., Any] = components.component


def load() -> ModuleType:
    """Return the library, imported at the first call, since the import needs Streamlit's runtime.

    Its component is replaced by ours, which wraps it: see `mnist_core/frontend/canvas`.
    """
    with _importing:  # another session may be importing it
        if _LIBRARY not in sys.modules:
            components.component = _register_ours
            try:
                import_module(_LIBRARY)
            finally:
                components.component = _register
        return sys.modules[_LIBRARY]


def _register_ours(name: str, **parts: Any) -> Callable[..., Any]:
    """Register our component in place of the library's; return the function that draws it.

    name: of the library's component; Streamlit has already found it and serves its files.
    """
    if _LIBRARY not in name:  # another session is registering another component
        return _register(name, **parts)
    spec = find_spec(_LIBRARY)
    build = Path((spec and spec.origin) or "").parent / "frontend" / "build"
    script, css = (next(build.glob(parts[kind])) for kind in ("js", "css"))
    both = css.read_text("utf-8") + (_ASSETS / "canvas.css").read_text("utf-8")
    draw = _register("mnist_core.canvas", **parts | {"js": "canvas.js", "css": both})
    library = f"../{name}/{script.name}"  # relative to our own script

    def draw_ours(*, data: dict[str, Any], **more: Any) -> Any:
        light = st.context.theme.type != "dark"
        ours = {"library": library, "darkOnLight": light, "words": _WORDS}
        return draw(data=data | ours, **more | {"width": "stretch"})

    return draw_ours
