"""Backward passes of convolution and pooling against SciPy, TensorFlow's tape and nudges."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tensorflow as tf
from scipy.signal import convolve2d, correlate2d

from mnist_core.teaching.concepts import backpropagation_cnn as theory
from mnist_core.teaching.concepts.convolution import slide
from mnist_core.teaching.concepts.pooling import Kind, pool

SHAPES = [((5, 5), 3), ((6, 4), 2), ((4, 4), 4)]


def _drawn(*shapes: tuple[int, int]) -> list[np.ndarray]:
    random = np.random.default_rng(0)
    return [random.normal(0, 2, shape) for shape in shapes]


def _tape(layer: Callable[..., Any], error: np.ndarray, *inputs: Any) -> Any:
    """The gradients of the sum of error times output of a layer, by TensorFlow."""
    with tf.GradientTape() as tape:
        for each in inputs:
            tape.watch(each)
        loss = tf.reduce_sum(error[None, ..., None] * layer(*inputs))
    return tape.gradient(loss, [*inputs])


@pytest.mark.parametrize(("shape", "k"), SHAPES)
def test_the_gradients_of_a_convolution_are_scipys_and_tensorflows(shape, k):
    out = (shape[0] - k + 1, shape[1] - k + 1)
    image, kernel, error = _drawn(shape, (k, k), out)
    of_kernel = theory.kernel_gradient(image, error).output
    of_image = theory.image_gradient(error, kernel).output
    np.testing.assert_allclose(of_kernel, correlate2d(image, error, "valid"))
    np.testing.assert_allclose(of_image, convolve2d(error, kernel, "full"))
    x, w = tf.constant(image[None, ..., None]), tf.constant(kernel[..., None, None])
    slopes = _tape(lambda x, w: tf.nn.conv2d(x, w, 1, "VALID"), error, x, w)
    np.testing.assert_allclose(of_image, slopes[0].numpy()[0, ..., 0])
    np.testing.assert_allclose(of_kernel, slopes[1].numpy()[..., 0, 0])


def test_what_lies_on_the_error_is_the_kernel_turned():
    slid = theory.image_gradient(theory.CONVOLUTION_ERROR, theory.KERNEL)
    assert slid.laid.tolist() == [[9, 8, 7], [6, 5, 4], [3, 2, 1]]
    assert slid.image.shape == (7, 7)


def test_one_error_copies_its_window_and_the_kernel_unturned():
    (image,) = _drawn((5, 5))
    error = np.zeros((3, 3))
    error[1, 2] = 1
    assert theory.kernel_gradient(image, error).output.tolist() == image[1:4, 2:5].tolist()
    found = theory.image_gradient(error, theory.KERNEL).output
    assert found[1:4, 2:5].tolist() == theory.KERNEL.tolist()
    assert np.count_nonzero(found) == 9


@pytest.mark.parametrize(("size", "stride"), [(2, 2), (3, 1), (2, 3)])
@pytest.mark.parametrize("kind", ["max", "average"])
def test_the_gradient_of_pooling_is_tensorflows(kind: Kind, size, stride):
    (inputs,) = _drawn((7, 6))
    pooled = pool(inputs, kind, size, stride)
    (error,) = _drawn(pooled.values.shape)
    x = tf.constant(inputs[None, ..., None])
    layer = tf.nn.max_pool2d if kind == "max" else tf.nn.avg_pool2d
    (slopes,) = _tape(lambda x: layer(x, size, stride, "VALID"), error, x)
    found = theory.pooling_gradient(pooled, error)
    np.testing.assert_allclose(found, slopes.numpy()[0, ..., 0])
    if stride <= size and kind == "average":
        assert found.sum() == pytest.approx(error.sum())  # nothing is lost


def test_of_equal_values_the_first_gets_the_error_as_in_tensorflow():
    inputs, error = np.ones((4, 4)), np.array([[1.0, 2.0], [3.0, 4.0]])
    x = tf.constant(inputs[None, ..., None])
    (slopes,) = _tape(lambda x: tf.nn.max_pool2d(x, 2, 2, "VALID"), error, x)
    found = theory.pooling_gradient(pool(inputs, "max", 2, 2), error)
    np.testing.assert_array_equal(found, slopes.numpy()[0, ..., 0])
    assert found[0, 0] == 1


def test_nudges_measure_the_same_slopes():
    image, kernel, error, table, small = _drawn((5, 5), (3, 3), (3, 3), (4, 4), (2, 2))
    cases = (
        (lambda w: slide(image, w).output, kernel, error, theory.kernel_gradient(image, error)),
        (lambda x: slide(x, kernel).output, image, error, theory.image_gradient(error, kernel)),
    )
    for layer, values, sent, slid in cases:
        for place in np.ndindex(values.shape):
            slope = theory.measured_slope(layer, values, sent, place)
            assert slope == pytest.approx(slid.output[place], abs=1e-8)
    for kind in ("max", "average"):
        found = theory.pooling_gradient(pool(table, kind, 2, 2), small)
        for place in np.ndindex(4, 4):
            slope = theory.measured_slope(
                lambda x, kind=kind: pool(x, kind, 2, 2).values, table, small, place
            )
            assert slope == pytest.approx(found[place], abs=1e-8)
