"""The picture that activates a unit most: exact where the unit is linear, better elsewhere."""

import numpy as np
import pytest

from mnist_core.insight.activation_maximization import maximize
from mnist_core.insight.feature_maps import pixels
from mnist_core.network.notation import parse
from mnist_core.network.summary import summarize
from tests.mnist_core.insight.extractors import lens_with, some_image


def test_a_unit_of_the_first_layer_gets_ink_where_its_weights_are_positive():
    kernel = np.random.default_rng(4).choice([-1.0, -0.5, 0.5, 1.0], (5, 5, 1, 3))
    bias = np.array([4.0, 5.0, 6.0])
    extractor = lens_with("C3k5 F", conv2d_1__kernel=kernel, conv2d_1__bias=bias)
    for map_ in range(3):
        found = maximize(extractor, some_image(), "conv2d_1", (7, 9, map_))
        expected = np.zeros((28, 28))
        expected[7:12, 9:14] = 255 * (kernel[:, :, 0, map_] > 0)
        assert np.array_equal(found["picture"], expected)
        most = kernel[:, :, 0, map_].clip(0).sum() + bias[map_]
        assert found["activation"] == pytest.approx(most, abs=1e-5)


@pytest.mark.parametrize("notation", ["C4tanh A C5k5s2sametanh GAP", "C4 M C6bn A C5 F"])
def test_a_unit_of_a_later_layer_is_activated_more_than_by_the_image(notation):
    extractor, image = lens_with(notation), some_image()
    for row in summarize(parse(notation)).rows:
        if not row.name.startswith("conv2d"):
            continue
        before = extractor.outputs(pixels(image))[row.name].numpy()[0]
        at, across, map_ = np.unravel_index(before.argmax(), before.shape)
        unit = int(at), int(across), int(map_)
        found = maximize(extractor, image, row.name, unit)
        after = extractor.outputs(pixels(found["picture"][None]))[row.name].numpy()[0]
        assert found["activation"] == pytest.approx(after[unit], abs=1e-6)
        assert after[unit] > 1.05 * before[unit] > 0
        rows, columns = row.spans[unit[0]], row.spans[unit[1]]
        outside = found["picture"].copy()
        outside[rows.first : rows.last + 1, columns.first : columns.last + 1] = 0
        assert not outside.any()


def test_a_dead_unit_keeps_the_image():
    extractor = lens_with("C3k5 F", conv2d_1__bias=np.full(3, -100.0))
    image = some_image()
    found = maximize(extractor, image, "conv2d_1", (0, 0, 1))
    assert found["activation"] == 0
    assert np.array_equal(found["picture"][:5, :5], image[0, :5, :5])
