"""The comparison of two losses on the page of the idea Cross-entropy."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from tests.helpers import checked, words
from ui.charts.ideas import squared_error


@pytest.mark.parametrize("z", [-4.5, 0.0, 2.0])
def test_how_much_harder_cross_entropy_pushes(page: Callable[..., AppTest], z):
    at = page("learn", idea="cross-entropy")
    at.slider("idea_cross_entropy_lead").set_value(z)
    said = words(checked(at.run()))
    p = 1 / (1 + np.exp(-z))
    assert f"gets a probability of {100 * p:.1f}\u00a0%" in said
    assert f"**{1 / (2 * p * (1 - p)):,.0f} times** as hard" in said
    assert f"{1 - p:.3g} against {2 * p * (1 - p) ** 2:.2g}" in said


def test_the_points_lie_on_their_curves():
    figure = squared_error.slopes(-3.0)
    for curve, point in zip(figure.data[::2], figure.data[1::2], strict=True):
        assert np.interp(point.x[0], curve.x, curve.y) == pytest.approx(point.y[0])
    entropy, squared = (curve.y for curve in figure.data[::2])
    assert entropy[0] == pytest.approx(1, abs=1e-3)
    assert squared[0] < 1e-3
    assert (entropy >= 2 * squared - 1e-12).all()
