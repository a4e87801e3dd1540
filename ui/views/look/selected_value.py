"""The selected value of a layer: number boxes and clicks that share one state."""

from typing import Any

import numpy as np
import streamlit as st

from mnist_core.network.layers import Shape
from ui.session import state


def key(layer: str, axis: str) -> str:
    """Return the session-state key of the index selected along an axis."""
    return state.key("look", layer, axis)


def number(layer: str, axis: str, values: np.ndarray) -> int:
    """Return the index selected along the first axis of `values`, initially the strongest."""
    name = key(layer, axis)
    if state.get(name, len(values)) >= len(values):  # another run may have had more
        strengths = np.abs(values).reshape(len(values), -1).max(axis=1)
        state.put(name, int(strengths.argmax()))
    return state.get(name, 0)


def start_over(layers: list[str]) -> None:
    """Reset the positions in all maps: on another image they may show only background."""
    for layer in layers:
        for axis in ("row", "column"):
            state.pop(key(layer, axis))


def select(layer: str, **axes: int) -> None:
    """Select indices in a callback, as in select("conv2d_1", map=3); there is none below 0."""
    for axis, chosen in axes.items():
        state.put(key(layer, axis), max(0, chosen))


def number_box(words: str, layer: str, axis: str, count: int, **more: Any) -> int:
    """Draw a number box for an axis, after `number` has set its state; return the index.

    more: arguments of `st.number_input`.
    """
    return st.number_input(
        f"{words}, 0 to {count - 1:,}",
        *(0, count - 1),
        key=key(layer, axis),
        **{"width": 130, "persist_state": "session"} | more,
    )


def position(layer: str, values: np.ndarray) -> Shape:
    """Draw boxes for row and column of a map, and buttons that step through it; return both.

    values: (h, w).
    """
    height, width = values.shape
    row, column = (
        number(layer, axis, side) for axis, side in (("row", values), ("column", values.T))
    )
    number_box("Row", layer, "row", height)
    number_box("Column", layer, "column", width)
    for words, icon, step in (
        ("Previous position", ":material/arrow_back:", -1),
        ("Next position", ":material/arrow_forward:", 1),
    ):
        st.button(
            words,
            icon=icon,
            key=state.key("look", layer, "step", step),
            on_click=_move,
            args=(layer, values.shape, step),
        )
    return row, column


def _move(layer: str, shape: Shape, step: int) -> None:
    """Move to the next position of a map, row by row, and from the last to the first."""
    row, column = (state.get(key(layer, axis), 0) for axis in ("row", "column"))
    at = (row * shape[1] + column + step) % (shape[0] * shape[1])
    select(layer, row=at // shape[1], column=at % shape[1])
