"""A filter over several channels against Keras, and what the example's filters find."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from mnist_core.teaching.concepts import channels

RNG = np.random.default_rng(3)


@settings(max_examples=10, deadline=None)
@given(st.integers(4, 9), st.integers(4, 9), st.integers(1, 8), st.integers(1, 4))
def test_a_filter_is_keras_own(height, width, count, size):
    inputs, kernel = RNG.normal(size=(height, width, count)), RNG.normal(size=(size, size, count))
    ours = channels.apply(inputs, kernel, 0.5)
    theirs = keras.ops.conv(inputs[None], kernel[..., None], padding="valid")
    np.testing.assert_allclose(ours.output, np.array(theirs)[0, ..., 0] + 0.5, atol=1e-12)
    row, column = height - size, 0
    products = ours.products(row, column)
    assert ours.sums[row, column] == pytest.approx(products.sum(axis=(0, 1)))
    assert ours.output[row, column] == pytest.approx(products.sum() + 0.5)


def test_the_patch_has_the_six_areas_of_its_words():
    red, green, blue = np.eye(3)
    areas = [[red, blue, red + green + blue], [red + green, green, 0 * red]]
    widths, heights = [2, 2, 1], [3, 2]
    expected = np.repeat(np.repeat(np.array(areas), heights, axis=0), widths, axis=1)
    np.testing.assert_array_equal(channels.PATCH, expected)


def test_each_channel_alone_is_keras_depthwise_convolution():
    kernel = channels.FILTERS["Red to blue"]
    ours = channels.apply(channels.PATCH, kernel, channels.BIAS)
    theirs = keras.ops.depthwise_conv(channels.PATCH[None], kernel[..., None], padding="valid")
    np.testing.assert_allclose(ours.sums, np.array(theirs)[0], atol=1e-12)


def test_the_filters_find_what_their_names_say():
    red, blue, white, green = np.eye(3)[0], np.eye(3)[2], np.ones(3), np.eye(3)[1]

    def answer(name: str, left: np.ndarray, right: np.ndarray) -> float:
        picture = np.tile(np.stack([left, left, right, right]), (3, 1, 1))
        kernel = channels.FILTERS[name]
        return float(channels.apply(picture, kernel, channels.BIAS).output.max())

    assert answer("Red to blue", red, blue) == 5
    assert answer("Red to blue", 0 * white, white) == channels.BIAS
    assert answer("Dark to bright", red, blue) == channels.BIAS
    assert answer("Dark to bright", 0 * white, white) == 8
    assert answer("Green alone", green, green) == 1
    assert answer("Green alone", white, white) == channels.BIAS


def test_the_second_layer_of_the_example_is_that_of_keras():
    examples.install()
    store = Store()
    run = next(run for run in store.examples() if run.name == "note-5")
    weights = artifacts.load_weights(store, run.id)
    layers = [keras.layers.Conv2D(8, 3, activation="relu"), keras.layers.MaxPooling2D(),
              keras.layers.Conv2D(16, 3)]  # fmt: skip
    model = keras.Sequential([keras.Input((28, 28, 1)), *layers])
    names = ("conv2d_1/kernel", "conv2d_1/bias", "conv2d_2/kernel", "conv2d_2/bias")
    model.set_weights([weights[name] for name in names])
    image = mnist.load().x_test[0] / 255
    theirs = np.asarray(model(image[None, ..., None]))[0, ..., 5]
    inputs = channels.second_layer_input(image, weights)
    kernel, bias = (weights[name][..., 5].astype(float) for name in names[2:])
    assert inputs.shape == (13, 13, 8)
    assert channels.apply(inputs, kernel, float(bias)).output == pytest.approx(theirs, abs=1e-5)
    assert model.layers[-1].count_params() == 3 * 3 * 8 * 16 + 16 == 1168
