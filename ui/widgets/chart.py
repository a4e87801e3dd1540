"""Figures on a page, and clicks on them."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Literal

import plotly.graph_objects as go
import streamlit as st

from ui.charts import style
from ui.session import state
from ui.widgets import touch

LETTERS, USUAL = 1.25, 12
"""Factor of font sizes on a large screen; font size in pixels where a figure sets none."""

Take = Callable[[state.Point], None]


def show(
    figure: go.Figure,
    alt: str,
    key: str | None = None,
    take: Take | None = None,
    width: int | Literal["stretch"] = "stretch",
) -> None:
    """Draw a figure without a toolbar.

    alt: for screen readers; take: called with the clicked point, needs a key. Taps are ignored,
    since Plotly 7.1 takes a tap for a click on the point that was hovered before.
    """
    color_notes(figure, style.NOTES[st.context.theme.type or "light"])
    if growth := touch.growth():
        enlarge(figure, growth)
        width = width if isinstance(width, str) else round(growth * width)
    clicks = key and take and not touch.by_finger() and partial(on_click, key, take)
    st.plotly_chart(
        figure,
        width=width,
        key=key,
        alt=alt,
        config=style.CONFIG,
        on_select=clicks or "ignore",
        selection_mode="points",
    )


def color_notes(figure: go.Figure, color: str) -> None:
    """Color the ticks and titles of axes and color bars, and the notes, that have no color."""
    for axis in (*figure.select_xaxes(), *figure.select_yaxes(), *_color_bars(figure)):
        if axis.tickfont.color is None:
            axis.tickfont.color = axis.title.font.color = color
    for note in figure.layout.annotations:
        if note.font.color is None:
            note.font.color = color


def enlarge(figure: go.Figure, growth: float) -> None:
    """Make a figure taller and its letters larger, to be read from the last row of a class.

    Numbers in the cells of a heatmap keep the size that Plotly chooses to fit.
    """
    layout = figure.layout
    layout.height = layout.height and round(growth * layout.height)
    for axis in (*figure.select_xaxes(), *figure.select_yaxes(), *_color_bars(figure)):
        for font in (axis.tickfont, axis.title.font):
            font.size = larger(font.size)
    texts = [trace.textfont for trace in figure.data if "textfont" in trace]
    texts = [font for font in texts if font.size or font.parent.type != "heatmap"]
    for font in (layout.legend.font, *texts, *(note.font for note in layout.annotations)):
        font.size = larger(font.size)


def larger(letters: float | None) -> int:
    """Return a font size for a large screen, in pixels. letters: None for Plotly's usual size."""
    return round(LETTERS * (letters or USUAL))


def _color_bars(figure: go.Figure) -> Iterator[Any]:
    """Yield the color bars that a figure describes, of its axes, traces and markers."""
    markers = (trace.marker for trace in figure.data if "marker" in trace)
    for part in (*figure.select_coloraxes(), *figure.data, *markers):
        if "colorbar" in part and part.colorbar.to_plotly_json():
            yield part.colorbar


def on_click(key: str, take: Take) -> None:
    """Pass the clicked point to `take`; a click that deselects a point counts as a click on it.

    So a point can be clicked again after another choice was made beside the chart.
    """
    last = state.key(key, "last")
    points = state.selected_points(key) or state.get(last, [])
    state.put(last, points)
    for point in points[:1]:
        take(point)
