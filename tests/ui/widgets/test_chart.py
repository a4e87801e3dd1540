"""Clicks on figures."""

from types import SimpleNamespace

import streamlit as st

from ui.widgets import chart


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
