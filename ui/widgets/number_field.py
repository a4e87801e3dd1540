"""A number field that refuses values out of its range with an explanation."""

from typing import Any

import streamlit as st

from ui.session import state

_REFUSED = "refused_number"


def number_field(
    label: str, least: float, most: float, value: float | None, key: str, **look: Any
) -> float | None:
    """Draw a number field; return its value.

    A number out of [least, most] is reset to `value`, and `show_refusal` says why. Streamlit's own
    limits are not used, since the browser would show a refusal for a moment only.
    look: further arguments of `st.number_input`.
    """

    def check() -> None:
        given = state.get(key, value)
        if isinstance(given, int | float) and not least <= given <= most:
            state.put(key, value)
            stays = "empty" if value is None else _plain(value)
            words = (
                f"{label} must be between {_plain(least)} and {_plain(most)}; received "
                f"{_plain(given)}. The value stays {stays}."
            )
            state.put(_REFUSED, (key, words))

    return st.number_input(label, value=value, key=key, on_change=check, **look)


def show_refusal(*keys: str) -> None:
    """Draw, once, why one of these fields has just refused a number."""
    found, words = state.get(_REFUSED, ("", ""))
    if found in keys:
        state.pop(_REFUSED)
        st.error(words, icon=":material/error:")


def _plain(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"
