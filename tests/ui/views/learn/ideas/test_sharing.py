"""The idea Weight sharing against NumPy and SciPy."""

from collections.abc import Callable

import numpy as np
from scipy.signal import correlate2d
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.teaching.concepts import sharing as theory
from tests.helpers import checked, words
from ui.charts.ideas import sharing


def test_the_parameters_of_three_layers(page: Callable[..., AppTest]):
    at = checked(page("learn", idea="sharing"))
    assert at.table[0].value["Parameters"].tolist() == [
        f"`8 · (3·3 + 1) = {8 * 10}`",
        f"`26·26·8 · (3·3 + 1) = {26 * 26 * 8 * 10:,}`",
        f"`26·26·8 · (28·28 + 1) = {26 * 26 * 8 * 785:,}`",
    ]


def test_a_shift_moves_the_map_and_changes_what_numpy_says(page: Callable[..., AppTest]):
    at = page("learn", idea="sharing")
    at.slider("idea_sharing_right").set_value(-3)
    said = words(checked(at.run()))
    assert "598 of 598 values are the same" in said
    assert "The other 78 places" in said
    image, kernel = mnist.load().x_test[0] / 255, np.tile([-1, 0, 1], (3, 1))
    maps = [
        np.maximum(correlate2d(pixels, kernel, "valid"), 0)
        for pixels in (image, np.roll(image, -3, axis=1))
    ]
    pooled = [found.reshape(13, 2, 13, 2).max(axis=(1, 3)) for found in maps]
    for before, after in (maps, pooled):
        assert f"{100 * np.abs(after - before).sum() / before.sum():.0f}\u00a0%" in said
    at.slider("idea_sharing_right").set_value(0)
    assert "Shift the 7" in words(checked(at.run()))


def test_the_lower_row_is_that_of_the_shifted_image():
    image = mnist.load().x_test[0] / 255
    before, after = theory.layers(image), theory.layers(image, 2)
    figure = sharing.shifted(before, after, 30)
    assert [len(heat.z) for heat in figure.data] == [28, 26, 13] * 2
    upper, lower = figure.data[:3], figure.data[3:]
    for above, below, shift in zip(upper, lower, (2, 2, 1), strict=True):
        np.testing.assert_allclose(below.z[:, shift:], above.z[:, :-shift])
        assert below.y0 - above.y0 > 5
        assert (below.x0, below.dx, below.zmax) == (above.x0, above.dx, above.zmax)
