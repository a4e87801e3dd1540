"""Layers: shapes by sliding a window by hand, and inputs that Keras refuses as well."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mnist_core.network.layers import (
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    DepthwiseConv2D,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from mnist_core.network.value import SpecError

IMAGE = (28, 20, 3)
POOLINGS = (MaxPooling2D, AveragePooling2D)


def positions(size: int, window: int, strides: int, padding: str) -> int:
    """Count the places of a window; `same` pads so that every stride has one."""
    if padding == "same":
        return len(range(0, size, strides))
    return len([start for start in range(0, size, strides) if start + window <= size])


@given(st.integers(1, 7), st.integers(1, 7), st.sampled_from(["valid", "same"]))
def test_a_convolution_has_as_many_places_as_its_window(kernel_size, strides, padding):
    layer = Conv2D(filters=5, kernel_size=kernel_size, strides=strides, padding=padding)
    height, width = (positions(size, kernel_size, strides, padding) for size in IMAGE[:2])
    assert layer.output_shape(IMAGE) == (height, width, 5)


@given(st.integers(1, 7), st.integers(1, 7), st.sampled_from(["valid", "same"]))
def test_a_depthwise_convolution_costs_one_convolution_of_one_map_per_channel(k, s, padding):
    (ours,) = DepthwiseConv2D(kernel_size=k, strides=s, padding=padding).keras_layers(IMAGE)
    alone = Conv2D(filters=1, kernel_size=k, strides=s, padding=padding)
    (one,) = alone.keras_layers((28, 20, 1))
    assert (ours.multiply_adds, ours.parameters) == (3 * one.multiply_adds, 3 * one.parameters)


@pytest.mark.parametrize("pooling", POOLINGS)
@given(st.integers(1, 20), st.none() | st.integers(1, 28), st.sampled_from(["valid", "same"]))
def test_pooling_has_as_many_places_and_all_channels(pooling, pool_size, strides, padding):
    layer = pooling(pool_size=pool_size, strides=strides, padding=padding)
    assert layer.sliding == (pool_size, strides or pool_size)
    height, width = (positions(size, pool_size, layer.sliding[1], padding) for size in IMAGE[:2])
    assert layer.output_shape(IMAGE) == (height, width, 3)


@pytest.mark.parametrize(
    ("layer", "image", "vector"),
    [
        (Flatten(), (28 * 20 * 3,), (64,)),
        (Dense(units=7), (28, 20, 7), (7,)),
        (Dropout(), IMAGE, (64,)),
        (BatchNormalization(), IMAGE, (64,)),
    ],
)
def test_shapes_of_images_and_vectors(layer, image, vector):
    assert layer.output_shape(IMAGE) == image
    assert layer.output_shape((64,)) == vector


def test_global_average_pooling_leaves_the_channels():
    assert GlobalAveragePooling2D().output_shape(IMAGE) == (3,)


@pytest.mark.parametrize("layer", [Conv2D(filters=1), MaxPooling2D(), GlobalAveragePooling2D()])
def test_a_vector_is_refused_where_an_image_is_needed(layer):
    with pytest.raises(SpecError, match=r"needs height, width and channels.*a vector of 64"):
        layer.output_shape((64,))


@pytest.mark.parametrize("layer", [Conv2D(filters=1, kernel_size=5), MaxPooling2D(pool_size=5)])
def test_a_window_larger_than_its_input_is_refused_unless_padded(layer):
    with pytest.raises(SpecError, match="needs at least 5x5, but receives 28x4"):
        layer.output_shape((28, 4, 1))
    same = layer.model_copy(update={"padding": "same"})
    assert same.output_shape((28, 4, 1))[1] >= 1
