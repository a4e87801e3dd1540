"""The idea Backpropagation: what the page says is what the network computes."""

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.teaching.concepts import backpropagation
from mnist_core.teaching.concepts.backpropagation import FIRST
from tests.helpers import running, words
from ui.views.learn.ideas import backpropagation as idea

X = np.array([1.0, 0.5])


@pytest.fixture
def opened(page) -> AppTest:
    return running(page("learn", idea="backpropagation"))


def losses(at: AppTest) -> list[float]:
    found = re.search(r"Loss \*\*(\S+)\*\*; after one step it would be \*\*(\S+)\*\*", words(at))
    assert found
    return [*map(float, found.groups())]


def test_every_parameter_is_worked_out_and_measured_alike(opened):
    passed = backpropagation.run(FIRST, X, 0)
    for place, name in idea.NAMES.items():
        opened.session_state["idea_backpropagation_one"] = name
        at = running(opened.run())
        slope = f"{passed.gradient[place]:.5f}"
        assert words(at).count(f"**{slope}**") == 2  # measured, and computed
        assert idea.tex(passed.gradient[place]) in at.latex[0].value


def test_steps_are_taken_and_taken_back(opened):
    now, later = losses(opened)
    at = running(opened.button("idea_backpropagation_step_1").click().run())
    assert losses(at)[0] == later < now
    at = running(at.button("idea_backpropagation_step_10").click().run())
    assert losses(at)[0] < later
    at = running(at.button("idea_backpropagation_restart").click().run())
    assert losses(at) == [now, later]


def test_the_figure_has_values_forward_and_gradients_backward(opened):
    passed = backpropagation.run(FIRST, X, 0)
    assert f"{passed.h[0]:.3g}" in str(opened.get("plotly_chart")[0].proto)
    opened.session_state["idea_backpropagation_pass"] = idea.BACKWARD
    figure = str(running(opened.run()).get("plotly_chart")[0].proto)
    assert all(f"{slope:.3g}".replace("-", "\\\\u2212") in figure for slope in passed.h_grad)
