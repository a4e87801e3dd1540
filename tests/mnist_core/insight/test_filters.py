"""Kernels as pictures and in numbers, against the weights themselves."""

import numpy as np
import pytest

from mnist_core.insight import filters
from mnist_core.network.notation import parse
from mnist_core.network.spec import Network


@pytest.fixture
def weights() -> dict[str, np.ndarray]:
    rng = np.random.default_rng(1)
    return {
        "conv2d_1/kernel": rng.normal(size=(3, 3, 1, 8)).astype(np.float32),
        "conv2d_1/bias": rng.normal(size=8).astype(np.float32),
        "conv2d_2/kernel": rng.normal(size=(5, 5, 8, 6)).astype(np.float32),
    }


def test_the_convolutions_of_a_network_with_their_weights(weights):
    rows = filters.convolutions(parse("C8 M C6k5bn F D4"))
    first, second = (filters.convolution(row, weights) for row in rows)
    assert (first.name, first.size, first.channels, first.filters) == ("conv2d_1", 3, 1, 8)
    assert (second.name, second.size, second.channels, second.filters) == ("conv2d_2", 5, 8, 6)
    assert second.bias is None  # normalization follows
    of_each = [filters.statistics(second.of_filter(number)).norm for number in range(6)]
    np.testing.assert_allclose(second.norms, of_each)
    np.testing.assert_array_equal(first.bias, weights["conv2d_1/bias"])


def test_a_network_without_a_convolution_has_none():
    assert filters.convolutions(Network(layers=parse("F D64").layers)) == []


def test_one_tile_a_filter_or_a_channel(weights):
    row = filters.convolutions(parse("C8 M C6k5bn F D4"))[1]
    found = filters.convolution(row, weights)
    kernel = weights["conv2d_2/kernel"]
    for number, tile in enumerate(found.of_channel(3)):
        np.testing.assert_array_equal(tile, kernel[:, :, 3, number])
    for number, tile in enumerate(found.of_filter(2)):
        np.testing.assert_array_equal(tile, kernel[:, :, number, 2])


def test_statistics():
    found = filters.statistics(np.array([[3, -4], [0.005, -0.005]], np.float32))
    assert found.mean == pytest.approx(-0.25)
    assert found.std == pytest.approx(np.std([3, -4, 0.005, -0.005]), rel=1e-6)
    assert (found.smallest, found.largest) == (-4, 3)
    assert found.norm == pytest.approx(5, rel=1e-5)
    assert found.small == 0.5
