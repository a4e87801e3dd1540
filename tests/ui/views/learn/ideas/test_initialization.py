"""The idea Initialization: what it says and draws is what the passes hold."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.teaching.concepts import initialization as theory
from mnist_core.teaching.concepts.initialization import GLOROT, HE, LARGE, SMALL, ZEROS
from tests.helpers import checked, words
from ui.charts.ideas import initialization as charts


@pytest.fixture
def shown(page: Callable[..., AppTest]) -> Callable[[str, str], str]:
    """shown("relu", HE): what the idea says after these choices."""
    at = page("learn", idea="initialization")

    def choose(activation: str, name: str) -> str:
        at.segmented_control("idea_initialization_activation").set_value(activation)
        at.pills("idea_initialization_name").set_value(name)
        return words(checked(at.run()))

    return choose


def test_each_initialization_is_called_what_it_does(shown):
    assert "keeps its size**.\n- **Spread of gradients**" in shown("relu", HE)
    assert "keeps its size**.\n- **Spread of gradients**" in shown("tanh", GLOROT)
    small = shown("relu", SMALL)
    assert small.count("; it **vanishes**") == 2
    large = shown("relu", LARGE)
    assert large.count("; it **explodes**") == 2
    assert "it shrinks" in shown("relu", GLOROT)
    sigmoid = shown("sigmoid", GLOROT)
    assert sigmoid.count("; it **vanishes**") == 2  # the images look more alike with each layer
    assert "leaves them **alike**" in shown("tanh", ZEROS)


def test_its_counts_are_numpys(shown):
    x, labels = theory.batch()
    found = theory.run(theory.initial_weights(HE), "relu", x, labels)
    dead = sum((layer.max(axis=0) == 0).sum() for layer in found.outputs[1:])
    assert f"{dead} of 384 are 0 on all 64 images" in shown("relu", HE)
    found = theory.run(theory.initial_weights(LARGE), "tanh", x, labels)
    share = (1 - np.array(found.outputs[1:]) ** 2 < 0.1).mean()
    assert f"**Saturated**: at {100 * share:.0f}\u00a0%" in shown("tanh", LARGE)


def test_the_figure_has_the_spreads_and_no_point_for_zero():
    x, labels = theory.batch()
    passes = {
        name: theory.run(theory.initial_weights(name), "tanh", x, labels) for name in theory.NAMES
    }
    figure = charts.spreads({name: theory.measure(passes[name]) for name in passes}, HE)
    assert len(figure.data) == 10
    by_place = {(trace.name.strip("</b>"), trace.xaxis): trace for trace in figure.data}
    assert {name for (name, _), trace in by_place.items() if trace.line.width > 2} == {HE}
    for name, found in passes.items():
        between = np.array([((each - each.mean(axis=0)) ** 2).mean() for each in found.outputs])
        slopes = np.array([each.std() for each in found.gradients])
        for axis, expected, first in (("x", np.sqrt(between), 0), ("x2", slopes, 1)):
            line = by_place[name, axis]
            assert list(line.x) == list(range(first, first + 7))
            np.testing.assert_allclose(line.y, np.where(expected > 0, expected, np.nan))
            limits = figure.layout["yaxis" + axis[1:]].range
            drawn = np.log10(expected[expected > 0])
            assert ((drawn > limits[0]) & (drawn < limits[1])).all()
    assert np.isnan(by_place[ZEROS, "x2"].y).all()
