"""Figures on a page, and clicks on them."""

from collections.abc import Callable
from functools import partial

import plotly.graph_objects as go
import streamlit as st

from ui.charts import style
from ui.session import state
from ui.widgets import touch

Take = Callable[[state.Point], None]


def show(figure: go.Figure, key: str, alt: str, take: Take | None = None) -> None:
    """Draw a figure without a toolbar.

    alt: what a screen reader says; take: gets the point that was clicked. Taps on a phone are
    ignored, since Plotly 7.1 takes one for a click on what was pointed at before.
    """
    st.plotly_chart(
        figure,
        key=key,
        alt=alt,
        config=style.CONFIG,
        on_select="ignore" if take is None or touch.on_phone() else partial(on_click, key, take),
        selection_mode="points",
    )


def on_click(key: str, take: Take) -> None:
    """Pass the clicked point to `take`; a click that deselects a point counts as a click on it.

    So a point can be clicked again after something else was chosen beside the chart.
    """
    last = state.key(key, "last")
    points = state.selected_points(key) or state.get(last, [])
    state.put(last, points)
    for point in points[:1]:
        take(point)
