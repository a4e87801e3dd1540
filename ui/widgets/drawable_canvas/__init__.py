"""The library streamlit-drawable-canvas, with a script and a style of ours around its sheet."""

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
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager
from streamlit.components.v2.manifest_scanner import ComponentConfig, ComponentManifest

_LIBRARY = "streamlit_drawable_canvas"
_NAME = "ui.drawable_canvas"
_HERE = Path(__file__).parent
_importing = threading.Lock()
_register: Callable[..., Any] = components.component


def load() -> ModuleType:
    """Return the library, imported at the first call, since that needs Streamlit's runtime.

    What it registers is replaced by our component, which shows the library's own and adds to it:
    see its files in `assets`.
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
    """Register our component in place of the library's; return what draws it.

    name: of the library's component, which Streamlit has found already and whose files it serves.
    """
    spec = find_spec(_LIBRARY)
    build = Path((spec and spec.origin) or "").parent / "frontend" / "build"
    script, css = (next(build.glob(parts[kind])) for kind in ("js", "css"))
    both = css.read_text("utf-8") + (_HERE / "assets" / "drawable_canvas.css").read_text("utf-8")
    _declare()
    draw = _register(_NAME, **parts | {"js": "drawable_canvas.js", "css": both})
    library = f"../{name}/{script.name}"  # relative to our own script

    def draw_ours(*, data: dict[str, Any], **more: Any) -> Any:
        _declare()
        ours = {"library": library, "darkOnLight": st.context.theme.type != "dark"}
        return draw(data=data | ours, **more | {"width": "stretch"})

    return draw_ours


def _declare() -> None:
    """Tell Streamlit, once per server, which folder has the files of our component."""
    manager = get_bidi_component_manager()
    if manager.get_component_asset_root(_NAME) is None:
        package, component = _NAME.split(".")
        manifest = ComponentManifest(package, "1", [ComponentConfig(component, "assets")])
        manager.register_from_manifest(manifest, _HERE)
