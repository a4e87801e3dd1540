"""The question that the unknown x in the notes' table asks for."""

import numpy as np
import streamlit as st

from mnist_core.theory import pooling
from mnist_core.theory.pooling import Kind
from mnist_core.theory.tables import LARGEST
from ui.charts.ideas import layers as charts


def ask(typed: np.ndarray, x: float, kind: Kind, size: int, stride: int) -> None:
    """What x must be for its window to give a wanted result, checked on the x above."""
    windows = [
        window
        for start in np.ndindex(*(((4 - size) // stride + 1,) * 2))
        if np.isnan(window := _cut(typed, start, size, stride)).any()
    ]
    if not windows:
        st.caption("No window has x in it, so x changes nothing.")
        return
    window = windows[-1]
    wanted = st.number_input(
        "A question: what must x be, if its window is to give",
        *(-LARGEST, LARGEST),
        value=7,
        key="idea_pooling_wanted",
        width=400,
        persist_state="session",
        help="Of several windows with x, the last one. Answer by setting x above.",
    )
    result = float(pooling.pool(np.where(np.isnan(window), x, window), kind, size, 1).values[0, 0])
    found = pooling.needed(window, kind, wanted)
    said = f"With x = {charts.written(x)} it gives {charts.written(result)}"
    if np.isclose(result, wanted):
        st.success(f"{said}, as wanted. {_answer(found)}", icon=":material/check:")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"{said}, and {charts.written(wanted)} is wanted.")
        with st.popover("Show the answer", icon=":material/key:", width="content"):
            st.markdown(_answer(found))


def _cut(values: np.ndarray, at: tuple[int, ...], size: int, stride: int) -> np.ndarray:
    top, left = (stride * side for side in at)
    return values[top : top + size, left : left + size]


def _answer(found: tuple[float, float] | None) -> str:
    if found is None:
        return "No x does it: another value of the window is larger already, and the largest wins."
    least, most = (charts.written(number) for number in found)
    if np.isinf(found[0]):
        return (
            f"Every x up to {most} does it: another value of the window wins, or x draws with it."
        )
    return f"Only x = {least} does it."
