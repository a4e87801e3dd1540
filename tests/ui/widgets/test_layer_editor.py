"""The editor of every layer that is registered: a widget per setting, within the field's limits."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.network.value import limits
from ui.charts.layers import KINDS
from ui.widgets import layer_editor


def _edit() -> None:
    import streamlit as st

    from ui.charts.layers import KINDS
    from ui.session import drafts
    from ui.widgets import layer_editor

    draft = drafts.Draft()
    draft.layers = [(0, KINDS[st.session_state["name"]].new)]
    layer_editor.edit_main(draft, 0)
    layer_editor.edit_more(draft, 0)
    st.session_state["edited"] = draft.layers[0][1]


def editor(name: str) -> AppTest:
    at = AppTest.from_function(_edit)
    at.session_state["name"] = name
    at.run()
    assert not at.exception
    return at


@pytest.mark.parametrize("name", KINDS)
def test_every_setting_has_a_widget_that_changes_it_within_its_limits(name):
    kind = KINDS[name]
    assert editor(name).session_state["edited"] == kind.new
    for setting in (*kind.edited, *kind.more):
        at = editor(name)
        widget: Any
        (widget,) = (
            w
            for group in (at.number_input, at.selectbox, at.toggle)
            for w in group
            if w.key == layer_editor.key(0, setting)
        )
        value = getattr(kind.new, setting)
        if widget.type == "toggle":
            other = not value
        elif widget.type == "selectbox":
            other = next(option for option in widget.options if option != value)
        else:
            least = limits(type(kind.new), setting)[0]
            other = least if least != value else least + 1
        widget.set_value(other).run()
        assert not at.exception
        assert getattr(at.session_state["edited"], setting) == other
