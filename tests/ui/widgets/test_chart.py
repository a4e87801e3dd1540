"""Clicks on figures, and the color of their text."""

from types import SimpleNamespace

import plotly.graph_objects as go
import pytest
import streamlit as st

from ui.charts import style
from ui.widgets import chart, touch


def _point(index: int) -> dict[str, int]:
    return {"x": 0, "y": 0, "point_index": index}


def test_a_click_that_deselects_means_the_same_point_again(monkeypatch):
    drawn, taken = SimpleNamespace(selection=SimpleNamespace(points=[])), []
    monkeypatch.setattr(st, "session_state", {"drawn": drawn})
    chart.on_click("drawn", taken.append)
    for points in ([_point(7)], [], [_point(2)], ["forged", {"point_index": 3}, _point(-1)]):
        drawn.selection = SimpleNamespace(points=points)
        chart.on_click("drawn", taken.append)
    assert [point["point_index"] for point in taken] == [7, 7, 2, 2]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_ticks_and_notes_are_legible_and_colors_of_their_own_stay(theme):
    figure = go.Figure(
        {
            "data": [
                {"type": "scatter", "y": [1, 2], "yaxis": "y2"},
                {"type": "heatmap", "z": [[1]], "colorbar": {"thickness": 12}},
                {"type": "scatter", "y": [1], "marker": {"colorbar": {"thickness": 12}}},
            ],
            "layout": {
                "xaxis": {"title": {"text": "epoch"}},
                "yaxis": {"tickfont": {"color": "#00f"}},
                "annotations": [{"text": "best"}, {"text": "red", "font": {"color": "#f00"}}],
            },
        }
    )
    figure.update_layout(yaxis2={"title": {"text": "loss"}})
    chart.color_notes(figure, style.NOTES[theme])
    drawn = [figure.layout.xaxis.tickfont.color, figure.layout.yaxis2.title.font.color]
    drawn += [figure.data[1].colorbar.tickfont.color, figure.data[2].marker.colorbar.tickfont.color]
    assert figure.layout.yaxis.tickfont.color == "#00f"
    assert {*drawn, figure.layout.annotations[0].font.color} == {style.NOTES[theme]}
    assert figure.layout.annotations[1].font.color == "#f00"
    assert contrast(style.NOTES[theme], {"light": "#ffffff", "dark": "#191917"}[theme]) > 4.5


def test_a_figure_for_a_projector_is_higher_and_all_its_letters_are_larger():
    figure = go.Figure(
        {
            "data": [
                {"type": "heatmap", "z": [[1]], "textfont": {"size": 16}, "colorbar": {}},
                {"type": "scatter", "y": [1], "marker": {"colorbar": {"thickness": 12}}},
                {"type": "heatmap", "z": [[1]], "texttemplate": "%{z}"},
            ],
            "layout": {"height": 300, "annotations": [{"text": "best"}], "xaxis": {}},
        }
    )
    chart.enlarge(figure, 1.4)
    layout, (cells, line, fitted) = figure.layout, figure.data
    assert layout.height == 420
    assert fitted.textfont.size is None
    assert cells.textfont.size == 20
    letters = (layout.xaxis.tickfont, layout.xaxis.title.font, layout.legend.font, line.textfont)
    letters += (line.marker.colorbar.tickfont, layout.annotations[0].font)
    assert {font.size for font in letters} == {15}
    chart.enlarge(unset := go.Figure(), 1.4)
    assert unset.layout.height is None


def test_a_browser_says_what_screen_it_has(monkeypatch):
    monkeypatch.setattr(st, "session_state", {})
    assert touch.growth() is None
    for width, height, growth in (
        *((1920, 1080, 1.2), (1600, 720, 1), (3840, 2160, 1.4)),
        *((1599, 1080, None), ("1920", 1080, None), (1920, None, None), (None, None, None)),
    ):
        touch.note_screen({"width": width, "height": height})
        assert touch.growth() == growth
    assert not touch.by_finger()
    assert touch.likes_motion()
    touch.note_screen({"finger": True, "still": True})
    assert touch.by_finger()
    assert not touch.likes_motion()


@pytest.mark.parametrize("color", style.DIGITS)
def test_the_color_of_a_digit_stands_out_from_both_backgrounds(color):
    assert min(contrast(color, "#ffffff"), contrast(color, "#191917")) > 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_gray_print_keeps_the_sign(theme):
    (_, less), (_, none), (_, more) = style.diverging(theme)
    assert contrast(less, more) > 2
    assert min(contrast(less, none), contrast(more, none)) > 3


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors by WCAG 2.2."""

    def luminance(color: str) -> float:
        parts = (int(color[at : at + 2], 16) / 255 for at in (1, 3, 5))
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    low, high = sorted(map(luminance, (one, other)))
    return (high + 0.05) / (low + 0.05)
