"""The recorded curves of transfer learning show what the idea says of them."""

import numpy as np
import pytest
from scipy import stats

from mnist_core.network.spec import Spec, Transfer
from mnist_core.network.transfer import check_transfer, shared_layers, weight_shapes
from mnist_core.teaching.concepts import transfer
from mnist_core.teaching.concepts.transfer import (
    EPOCHS,
    FROZEN,
    IMAGES,
    NETWORK,
    SEEDS,
    SOURCE,
    SOURCE_WITH_HEAD,
)


def test_every_run_is_recorded():
    starts = ("random", "transfer", "frozen", "head")
    assert list(transfer.curves()) == [(images, start) for images in IMAGES for start in starts]
    for curve in transfer.curves().values():
        assert curve.accuracy.shape == (SEEDS, EPOCHS)
        assert curve.end == curve.accuracy[:, -1].mean()
        whole = curve.accuracy * 4861  # recorded with five decimals
        assert np.abs(whole - whole.round()).max() < 0.05


def test_a_head_start_helps_most_with_few_images():
    for start in ("transfer", "frozen"):
        gains = [transfer.gain(images, start)[0] for images in IMAGES]
        assert gains == sorted(gains, reverse=True)
        assert min(gains[:-1]) > 0.02 > abs(gains[-1])
    assert transfer.gain(IMAGES[0], "head")[0] < 0  # which has learned that 5 to 9 do not exist


def test_the_error_of_a_gain_is_scipys():
    found = transfer.curves()
    paired = found[100, "frozen"].accuracy[:, -1] - found[100, "random"].accuracy[:, -1]
    assert transfer.gain(100, "frozen") == pytest.approx((paired.mean(), stats.sem(paired)))


def test_the_frozen_layers_are_the_convolutions_of_the_network():
    spec = Spec(network=NETWORK, transfer=Transfer(source=16 * "a", frozen=FROZEN))
    check_transfer(spec, weight_shapes(SOURCE.network))
    heads = ["dense_1", "output"]
    assert shared_layers(NETWORK, weight_shapes(SOURCE.network)) == ([*FROZEN], heads)
    shared, others = shared_layers(NETWORK, weight_shapes(SOURCE_WITH_HEAD.network))
    assert (shared, others) == ([*FROZEN, *heads], [])
    assert transfer.trained_parameters("random") == 27_562
    assert transfer.trained_parameters("frozen") == 27_562 - 80 - 1_168
    assert SOURCE.split.training_images == 30_596
