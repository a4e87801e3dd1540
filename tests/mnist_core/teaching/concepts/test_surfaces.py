"""Surfaces: slopes against finite differences, and the lowest places."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.teaching.concepts import surfaces

SURFACES = {
    "valley": surfaces.valley(30),
    "ravine": surfaces.ravine(),
    "saddle": surfaces.saddle(),
    "four": surfaces.four(),
}
POINT = st.tuples(st.floats(-5, 5), st.floats(-5, 5))


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
@settings(max_examples=10)
@given(point=POINT)
def test_gradients_are_finite_differences(surface, point):
    near = 1e-5
    for axis, slope in enumerate(surface.gradient(*point)):
        up, down = np.array(point), np.array(point)
        up[axis] += near
        down[axis] -= near
        difference = (surface.loss(*up) - surface.loss(*down)) / (2 * near)
        assert slope == pytest.approx(difference, rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("surface", SURFACES.values(), ids=SURFACES)
def test_minima_are_the_lowest_places(surface):
    for point in surface.minima:
        assert surface.loss(*point) == pytest.approx(surface.lowest, abs=1e-12)
        assert surface.gradient(*point) == pytest.approx((0, 0), abs=1e-9)
    ground = surfaces.grid(surface)
    assert ground.loss.shape == (61, 61)
    for axis, (ends, drawn) in enumerate(((surface.w1, ground.w1), (surface.w2, ground.w2))):
        assert (drawn[0], drawn[-1]) == ends
        for place in (surface.start, *surface.minima):
            assert ends[0] < place[axis] < ends[1]
    assert surface.loss(*surface.start) > surface.lowest + 0.1
    assert ground.loss.min() >= surface.lowest
    row, column = 7, 40
    expected = surface.loss(ground.w1[column], ground.w2[row])
    assert ground.loss[row, column] == expected
