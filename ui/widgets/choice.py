"""A choice among a few options, of which one is always chosen."""

from collections.abc import Iterable
from typing import Any, TypeVar

import streamlit as st

T = TypeVar("T")


def segments(label: str, options: Iterable[T], key: str, **more: Any) -> T:
    """Draw options side by side; return the chosen one, at first the first or the `default`.

    The choice stays while people visit other pages. more: arguments of `st.segmented_control`.
    """
    options = list(options)
    common = {"default": options[0], "required": True, "persist_state": "session"}
    return st.segmented_control(label, options, key=key, **common | more)
