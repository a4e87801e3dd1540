"""Saliency, each method by a property that a wrong one would break."""

import numpy as np
import pytest
import tensorflow as tf

from mnist_core.dataset import mnist
from mnist_core.execution.runner import feature_extractor
from mnist_core.insight import saliency
from mnist_core.insight.feature_maps import FeatureExtractor, pixels
from mnist_core.network.notation import parse
from mnist_core.utils.errors import InsightError
from tests.mnist_core.insight.extractors import (
    SMOOTH,
    first_weights,
    lens_with,
    softmax,
    some_image,
)

SIGNS = np.where(np.arange(10) % 2, 1, -1)


@pytest.fixture(scope="module")
def trained(trained_run) -> FeatureExtractor:
    return feature_extractor(*trained_run)


@pytest.mark.parametrize("row", [0, 18, 247, 2_130])
def test_integrated_gradients_add_up_on_a_trained_network(trained, row):
    images = mnist.load().x_test[row : row + 1]
    answer = saliency.integrated_gradients(trained, images)
    logits = trained.logits(pixels(np.concatenate([images, np.zeros_like(images)]))).numpy()
    sums, rise = answer["maps"].sum(axis=(1, 2)), logits[0] - logits[1]
    assert np.allclose(answer["difference"], rise, rtol=1e-5, atol=1e-5)
    assert np.abs(sums - rise).max() < 0.01 * np.abs(rise).max()


@pytest.mark.parametrize("notation", ["C8 M C16 M F D64", SMOOTH, "F D32tanh"])
def test_integrated_gradients_add_up_on_a_new_network(notation):
    answer = saliency.integrated_gradients(lens_with(notation), some_image())
    gap = answer["maps"].sum(axis=(1, 2)) - answer["difference"]
    assert np.abs(gap).max() < 0.01 * np.abs(answer["difference"]).max()


def test_integrated_gradients_of_a_linear_network_are_weight_times_ink():
    kernel = np.random.default_rng(1).normal(size=(784, 10)).astype(np.float32)
    maps = saliency.integrated_gradients(lens_with("F", output__kernel=kernel), some_image())[
        "maps"
    ]
    expected = (kernel.T * some_image().ravel() / 255).reshape(10, 28, 28)
    assert np.allclose(maps, expected, atol=1e-5)


def test_a_network_that_costs_much_takes_fewer_steps(trained, monkeypatch):
    images = mnist.load().x_test[:1]
    monkeypatch.setattr(saliency, "BUDGET", 0)
    assert saliency.integrated_gradients(trained, images)["steps"] == saliency.FEWEST_STEPS
    assert saliency.occlusion(trained, images)["stride"] == saliency.STRIDES[-1]


@pytest.mark.parametrize("notation", [SMOOTH, "F D32tanh"])
def test_the_gradient_is_the_slope_of_the_loss(notation):
    larger = {name: 3 * value for name, value in first_weights(notation).items() if "ker" in name}
    opened = FeatureExtractor(parse(notation), first_weights(notation) | larger)
    image = pixels(some_image()).numpy()
    small = 0.02 * np.eye(784, dtype=np.float32).reshape(784, 28, 28, 1)
    up, down = (opened.logits(tf.constant(image + sign * small)).numpy() for sign in (1, -1))
    slope = (np.log(softmax(down)) - np.log(softmax(up))) / 0.04  # (784, 10 labels)
    found = saliency.gradient(opened, some_image())
    assert found.shape == (10, 28, 28)
    others = 1 - softmax(opened.logits(tf.constant(image)).numpy()[0].astype(np.float64))
    assert np.allclose(found.reshape(10, 784).T * others, slope, atol=0.01 * np.abs(slope).max())


def test_the_gradient_keeps_its_signs_where_softmax_is_full():
    kernel = np.zeros((784, 10), np.float32)
    kernel[:, 3], kernel[:392, 5] = 50, -50
    opened = lens_with("F", output__kernel=kernel)
    gap = -np.partition(-opened.logits(pixels(some_image())).numpy()[0], 1)
    assert gap[0] - gap[1] > 1000, "so much that softmax has no float64 for it"
    assert (saliency.gradient(opened, some_image())[3] < 0).all()


@pytest.mark.parametrize(("normalized", "gamma", "beta"), [("", 1, 0), ("bn", -2, 1)])
def test_grad_cam_of_two_maps_that_copy_pixels(normalized, gamma, beta):
    """One map copies each pixel, the other its right neighbour; all else follows by hand."""
    notation = f"C2{normalized} F"
    kernel = np.zeros((3, 3, 1, 2), np.float32)
    kernel[1, 1, 0, 0] = kernel[1, 2, 0, 1] = 1
    weights: dict[str, np.ndarray] = {"conv2d_1__kernel": kernel}
    if normalized:
        weights["batch_normalization_1__gamma"] = np.full(2, gamma, np.float32)
        weights["batch_normalization_1__beta"] = np.full(2, beta, np.float32)
    out = np.random.default_rng(2).normal(size=(26, 26, 2, 10)).astype(np.float32)
    opened = lens_with(notation, output__kernel=out.reshape(-1, 10), **weights)
    image = some_image()[0] / 255
    copies = np.stack([image[1:27, 1:27], image[1:27, 2:28]], axis=-1)
    if normalized:
        copies = np.maximum(0, gamma * copies / np.sqrt(1.001) + beta)
    expected = np.maximum(0, np.einsum("rcm,mk->krc", copies, out.mean(axis=(0, 1))))
    answer = saliency.grad_cam(opened, some_image())
    assert np.allclose(answer["coarse"], expected, atol=1e-6)
    bordered = np.pad(expected, ((0, 0), (1, 1), (1, 1)), mode="edge")
    assert np.allclose(answer["maps"], bordered, atol=1e-6)


@pytest.mark.parametrize("notation", ["C1 M C1 F", "C1k5s2same F", "C1k5same M3s2same C1 F"])
@pytest.mark.parametrize(("row", "column"), [(8, 8), (8, 20), (14, 11), (20, 20)])
def test_grad_cam_points_at_the_only_ink(notation, row, column):
    weights = first_weights(notation)
    for name, value in weights.items():
        if name.startswith("conv2d") and name.endswith("kernel"):
            middle = value.shape[0] // 2
            weights[name] = np.zeros_like(value)
            weights[name][middle, middle] = 1
    weights["output/kernel"] = np.tile(SIGNS, (len(weights["output/kernel"]), 1)).astype("float32")
    image = np.zeros((1, 28, 28), np.uint8)
    image[0, row - 1 : row + 2, column - 1 : column + 2] = 255
    maps = saliency.grad_cam(FeatureExtractor(parse(notation), weights), image)["maps"]
    assert not maps[SIGNS < 0].any()
    weight = maps[1] / maps[1].sum()
    assert (weight.sum(axis=1) * np.arange(28)).sum() == pytest.approx(row, abs=0.8)
    assert (weight.sum(axis=0) * np.arange(28)).sum() == pytest.approx(column, abs=0.8)


def test_grad_cam_looks_before_the_pooling(trained):
    answer = saliency.grad_cam(trained, mnist.load().x_test[:1])
    assert answer["coarse"].shape == (10, 11, 11)
    assert answer["maps"].shape == (10, 28, 28)
    assert answer["maps"].min() >= 0 < answer["maps"].max()


def test_grad_cam_says_what_to_do_without_a_convolution():
    with pytest.raises(InsightError, match=r"are: flatten, dense\. Choose occlusion"):
        saliency.grad_cam(lens_with("F D8"), some_image())


@pytest.fixture
def corner() -> np.ndarray:
    """Weights that see the 5 x 5 pixels of one corner alone."""
    kernel = np.zeros((28, 28, 10), np.float32)
    kernel[:5, :5] = np.random.default_rng(4).normal(size=10) / 10
    return kernel.reshape(784, 10)


def test_occlusion_of_a_network_that_looks_at_one_corner(corner):
    answer = saliency.occlusion(lens_with("F", output__kernel=corner), some_image())
    maps = answer["maps"]
    assert answer["stride"] == 1
    assert np.abs(maps[:, 7:]).max() < 1e-6  # a patch of 5 x 5 reaches two pixels from its middle
    assert np.abs(maps[:, :, 7:]).max() < 1e-6
    assert maps[:, :7, :7].all()
    whole = softmax(some_image().ravel() / 255 @ corner)
    assert np.allclose(maps[:, 2, 2], whole - 0.1, atol=1e-5)
    uncovered = some_image()[0].copy()
    uncovered[:3, 2:7] = 0
    left = softmax(uncovered.ravel() / 255 @ corner)
    assert np.allclose(maps[:, 0, 4], whole - left, atol=1e-5)


def test_occlusion_in_larger_steps_has_the_same_values(trained, monkeypatch):
    images = mnist.load().x_test[18:19]
    every = saliency.occlusion(trained, images)["maps"]
    monkeypatch.setattr(saliency, "BUDGET", 0)
    fourth = saliency.occlusion(trained, images)["maps"]
    assert np.allclose(fourth[:, 2::4, 2::4], every[:, 2::4, 2::4], atol=1e-5)
    assert np.allclose(fourth[:, ::4, ::4], every[:, 2::4, 2::4], atol=1e-5)
    assert np.abs(every).max() <= 1
