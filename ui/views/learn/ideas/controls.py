"""What every idea is made of: controls that keep their values on other pages, and figures."""

from collections.abc import Sequence
from functools import partial
from typing import TypeVar

import plotly.graph_objects as go
import streamlit as st

from ui.charts import style
from ui.session import state

T = TypeVar("T")

slider = partial(st.slider, persist_state="session")
select_slider = partial(st.select_slider, persist_state="session")
number = partial(st.number_input, persist_state="session")
selectbox = partial(st.selectbox, persist_state="session")
toggle = partial(st.toggle, persist_state="session")
side_by_side = partial(st.container, horizontal=True, vertical_alignment="bottom")
"""Controls side by side, below one another on a phone."""


def choice(
    label: str, options: Sequence[T], key: str, first: T | None = None, help: str | None = None
) -> T:
    """Draw buttons of which one is always chosen, at first `first` or the first one; return it."""
    return st.segmented_control(
        label,
        options,
        default=options[0] if first is None else first,
        required=True,
        key=key,
        help=help,
        persist_state="session",
    )


def pills(label: str, options: Sequence[str], key: str) -> str:
    """Draw a `choice` with many options, which wrap on a phone; return the chosen one."""
    return st.pills(
        label,
        options,
        default=options[0],
        required=True,
        key=key,
        wrap=True,
        persist_state="session",
    )


def draw_again(label: str, key: str) -> int:
    """Draw a button that repeats a random draw; return the seed, the number of clicks so far."""
    seed = state.key(key, "seed")
    st.button(label, icon=":material/casino:", key=key, on_click=state.increment, args=(seed,))
    return state.get(seed, 0)


def figures(*charts: tuple[go.Figure, str]) -> None:
    """Draw charts side by side, each given with its `alt`."""
    for column, chart in zip(st.columns(len(charts), gap="medium"), charts, strict=True):
        with column:
            figure(*chart)


def figure(chart: go.Figure, alt: str, width: int | None = None) -> None:
    """Draw a chart. alt: says in words what it shows; width: in pixels, by default all there is."""
    st.plotly_chart(chart, alt=alt, width=width or "stretch", config=style.CONFIG)
