"""Every value of every layer, taken apart in NumPy, against what Keras puts out."""

import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.execution.runner import feature_extractor
from mnist_core.insight import steps
from mnist_core.insight.feature_maps import FeatureExtractor
from mnist_core.insight.questions import outputs
from mnist_core.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from mnist_core.network.notation import parse
from mnist_core.network.spec import Network
from mnist_core.network.summary import sources, summarize
from mnist_core.storage.artifacts import load_weights
from mnist_core.storage.runs import Store
from mnist_core.training.model import build, weights_of
from tests.strategies import networks

IMAGE = mnist.load().x_test[8]


def random_weights(network: Network, seed: int) -> dict[str, np.ndarray]:
    """Also for what begins as 0 or 1: biases and the numbers of a normalization."""
    rng = np.random.default_rng(seed)
    made = weights_of(build(network, seed=seed))
    for name, values in made.items():
        if not name.endswith("/kernel"):
            least = 0.2 if name.endswith("variance") else -0.5
            made[name] = rng.uniform(least, 1.5, values.shape).astype(np.float32)
    return made


def check_everywhere(network: Network, own: dict, made: dict, seed: int, places: int = 4) -> None:
    """Random places of each layer's output, and the corners, where padding is."""
    rng = np.random.default_rng(seed)
    rows, image = summarize(network).rows, IMAGE[..., None] / np.float32(255)
    for row in rows:
        inputs, *shortcut = (made[name] if name else image for name in sources(rows)[row.name])
        output = made[row.name]
        assert output.shape == row.output_shape
        corners = [tuple(0 for _ in output.shape), tuple(side - 1 for side in output.shape)]
        others = [tuple(int(rng.integers(side)) for side in output.shape) for _ in range(places)]
        scale = max(1.0, float(np.abs(output).max()))
        for place in corners + others:
            step = steps.step_at(network, row, own, inputs, place, *shortcut)
            error = abs(step.value - float(output[place]))
            assert error <= 1e-4 * scale, (row, place, step.value, output[place])


@settings(max_examples=20)
@given(networks, st.integers(0, 2**31 - 1))
def test_every_layer_of_any_network_is_as_keras_computes_it(network, seed):
    own = random_weights(network, seed)
    check_everywhere(network, own, outputs(FeatureExtractor(network, own), IMAGE[None]), seed)


def test_every_type_with_both_paddings_is_as_keras_computes_it():
    layers = (
        Conv2D(filters=3, kernel_size=5, strides=2, padding="same", batch_normalization=True),
        Dense(units=5, activation="tanh"),
        BatchNormalization(),
        MaxPooling2D(pool_size=3, strides=2, padding="same"),
        Conv2D(filters=4, kernel_size=2, padding="same", activation="leaky_relu"),
        AveragePooling2D(pool_size=3, strides=2, padding="same"),
        AveragePooling2D(pool_size=2, strides=1),
        Dropout(rate=0.5),
        Flatten(),
        Dense(units=6, activation="selu"),
    )
    for ending in (layers, (*layers[:6], GlobalAveragePooling2D(), BatchNormalization())):
        network = Network(layers=ending)
        own = random_weights(network, 3)
        made = outputs(FeatureExtractor(network, own), IMAGE[None])
        check_everywhere(network, own, made, 3, places=40)


def test_a_trained_network_agrees_too():
    examples.install()
    run = Store().examples()[0]
    store = Store(run.workspace)
    made = outputs(feature_extractor(store, run.id), IMAGE[None])
    check_everywhere(run.spec.network, load_weights(store, run.id), made, 0, places=40)


@pytest.mark.parametrize(
    "logits", [[2.0, 1.0, 0.1], [110, -35.1, 0.2, 1.1, 10], [1000, 1000, -1000], [-1000, -1001]]
)
def test_softmax_is_keras_own_and_does_not_overflow(logits):
    nothing = np.zeros((1, len(logits)))
    found = steps.classify_at(nothing[:, 0], nothing, np.array(logits, np.float64), 1)
    theirs = keras.ops.softmax(np.array(logits, np.float32))
    np.testing.assert_allclose(found.probabilities, theirs, atol=1e-6)
    assert found.value == found.probabilities[1]


def test_the_pooling_of_the_course_notes():
    image = np.array([[5, 1, 3, 6], [2, 9, 2, 2], [2, 2, 4, 2], [5, 1, 3, 0]])[..., None]
    found = [steps.pool_at(image, True, 2, 2, "valid", 0, 0, column) for column in (0, 1)]
    assert [step.value for step in found] == [9, 6]
    assert [step.winner for step in found] == [(1, 1), (0, 1)]


def test_products_channels_and_bias_add_up():
    rng = np.random.default_rng(5)
    inputs, kernel = rng.normal(size=(6, 6, 4)), rng.normal(size=(3, 3, 4, 2))
    step = steps.convolve_at(inputs, kernel, np.array([0.5, -2]), 1, "valid", 1, 2, 3, "relu")
    by_hand = (inputs[2:5, 3:6] * kernel[..., 1]).sum() - 2
    assert step.z == pytest.approx(by_hand)
    assert step.channel_sums.sum() + step.bias == pytest.approx(by_hand)
    assert step.value == max(0, step.z)


def test_flatten_says_where_a_value_comes_from():
    network = Network(layers=(MaxPooling2D(pool_size=4), Flatten()))
    row = summarize(network).rows[1]
    inputs = np.arange(7 * 7 * 3.0).reshape(7, 7, 3)
    step = steps.step_at(network, row, {}, inputs, (100,))
    assert isinstance(step, steps.FromStep)
    assert (step.place, step.value) == ((4, 5, 1), 100)


@pytest.mark.parametrize(
    ("notation", "name", "shape"),
    [
        ("F D4", "dense_1", (28, 28, 1)),
        ("C3 M F Drop0.2 D4", "dense_1", (13, 13, 3)),
        ("C3 M F D4", "output", None),  # it receives the units of the dense layer
        ("C3 GAP", "output", None),
        ("C3 M F", "output", (13, 13, 3)),
    ],
)
def test_the_maps_that_a_dense_layer_received(notation, name, shape):
    network = parse(notation)
    row = next(row for row in summarize(network).rows if row.name == name)
    assert steps.flattened(network, row) == shape
