"""Correlation and convolution against SciPy and Keras."""

import keras
import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from mnist_core.dataset import mnist
from mnist_core.teaching.concepts import convolution
from mnist_core.teaching.concepts.convolution import EXAMPLE, KERNELS


@pytest.fixture(scope="module")
def digit() -> np.ndarray:
    return mnist.load().x_test[0].astype(np.float32) / 255


@pytest.mark.parametrize("shape", [(6, 9), (5, 8), (28, 28)])
def test_both_are_scipys(shape):
    rng = np.random.default_rng(shape[1])
    image, kernel = rng.normal(size=shape), rng.normal(size=(3, 3))
    straight = convolution.slide(image, kernel)
    flipped = convolution.slide(image, kernel, flip=True)
    assert straight.output == pytest.approx(correlate2d(image, kernel, "valid"))
    assert flipped.output == pytest.approx(convolve2d(image, kernel, "valid"))
    # the notes' own sum, i and j counted from k - 1
    i, j = 4, 5
    notes = sum(
        image[m, n] * kernel[i - m, j - n] for m in range(i - 2, i + 1) for n in range(j - 2, j + 1)
    )
    assert flipped.output[i - 2, j - 2] == pytest.approx(notes)


@pytest.mark.parametrize("kernel", KERNELS, ids=lambda kernel: kernel.name)
def test_keras_does_not_flip(digit, kernel):
    made = keras.ops.conv(
        digit[None, ..., None], kernel.weights[..., None, None].astype(np.float32), padding="valid"
    )
    slid = convolution.slide(digit, kernel.weights)
    assert slid.output == pytest.approx(np.asarray(made)[0, ..., 0], abs=1e-5)
    assert (slid.window(9, 12) * slid.laid).sum() == pytest.approx(slid.output[9, 12])
    assert slid.window(9, 12) == pytest.approx(digit[9:12, 12:15])


def test_a_conv2d_layer_computes_the_same(digit):
    layer = keras.layers.Conv2D(1, 3)
    made = np.asarray(layer(digit[None, ..., None]))[0, ..., 0]
    kernel, bias = (np.asarray(weights) for weights in layer.get_weights())
    ours = convolution.slide(digit, kernel[..., 0, 0]).output + bias
    assert ours == pytest.approx(made, abs=1e-5)


def test_named_kernels_do_what_they_say(digit):
    named = {kernel.name: kernel.weights for kernel in KERNELS}

    def out(name, flip=False):
        return convolution.slide(digit, named[name], flip).output

    inner = digit[1:-1, 1:-1]
    assert out("Identity") == pytest.approx(inner)
    assert out("Shift") == pytest.approx(digit[1:-1, 2:])
    assert out("Shift", flip=True) == pytest.approx(digit[1:-1, :-2])
    assert out("Blur")[8, 9] == pytest.approx(digit[8:11, 9:12].mean())
    assert out("Outline") == pytest.approx(9 * (inner - out("Blur")))
    lying = convolution.slide(digit.T, named["Horizontal edges"]).output
    assert out("Vertical edges") == pytest.approx(lying.T)
    step = np.tile([0, 0, 0, 1, 1, 1], (5, 1))  # brightens from left to right
    assert convolution.slide(step, named["Vertical edges"]).output.max() == 3
    assert convolution.slide(step, named["Vertical edges"]).output.min() == 0
    for name, total in {"Sharpen": 1, "Blur": 1, "Outline": 0, "Vertical edges": 0}.items():
        assert named[name].sum() == pytest.approx(total)
    textbook = convolution.slide(EXAMPLE, named["Cross"]).output
    assert textbook.tolist() == [[4, 3, 4], [2, 4, 3], [2, 3, 4]]


def test_what_is_said_of_flipping_is_so(digit):
    for kernel in KERNELS:
        words = convolution.compare(digit, kernel.weights)
        straight = correlate2d(digit, kernel.weights, "valid")
        flipped = convolve2d(digit, kernel.weights, "valid")
        if "agree in every cell" in words:
            assert flipped == pytest.approx(straight, abs=1e-9)
        elif "changes all signs" in words:
            assert flipped == pytest.approx(-straight, abs=1e-9)
        else:
            differ = (np.abs(straight - flipped) > 1e-6).sum()
            assert f"differ in {differ} of 676 cells" in words
    assert "0 of 9 cells" in convolution.compare(np.ones((5, 5)), np.arange(9.0).reshape(3, 3))
