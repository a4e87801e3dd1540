"""Places of a window and the zeros around an image, against TensorFlow's own `same` padding."""

import keras
import numpy as np
import pytest

from mnist_core.network.layers.sliding import positions, zeros


@pytest.mark.parametrize("step", [1, 2, 3])
@pytest.mark.parametrize("window", [1, 2, 3, 5, 8])
@pytest.mark.parametrize("side", [7, 8, 28])
def test_zeros_and_places_are_those_of_tensorflow(side, window, step):
    image = np.ones((1, side, side, 1), np.float32)
    layer = keras.layers.Conv2D(
        1, window, step, padding="same", kernel_initializer="ones", use_bias=False
    )
    covered = np.asarray(layer(image))[0, :, 0, 0] / np.asarray(layer(image))[0].max() ** 0.5
    before, after = zeros(side, window, step, "same")
    starts = -before + step * np.arange(positions(side, window, step, "same"))
    inside = np.minimum(starts + window, side) - np.maximum(starts, 0)
    assert len(covered) == len(starts)
    np.testing.assert_allclose(covered / covered.max(), inside / inside.max(), rtol=1e-6)
    assert starts[-1] + window <= side + after
    assert zeros(side, window, step, "valid") == (0, 0)
