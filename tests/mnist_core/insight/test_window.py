"""The window that a layer reads, and the padding within it."""

import numpy as np

from mnist_core.insight.window import window_at


def test_padding_is_zeros_that_are_marked():
    image = np.arange(1.0, 10).reshape(3, 3, 1)
    window = window_at(image, 3, 1, "same", 0, 2)
    assert (window.top, window.left) == (-1, 1)
    assert window.values[..., 0].tolist() == [[0, 0, 0], [2, 3, 0], [5, 6, 0]]
    assert (window.strides, window.zeros) == (1, (1, 1))
    assert window.inside.tolist() == [[False] * 3, [True, True, False], [True, True, False]]
