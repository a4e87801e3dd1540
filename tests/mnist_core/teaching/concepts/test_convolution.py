"""Correlation, convolution, grey levels and sliding windows against SciPy, NumPy and Keras."""

import keras
import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d

from mnist_core.dataset import mnist
from mnist_core.network.layers import Conv2D
from mnist_core.teaching.concepts import convolution, pixels, sliding, tables
from mnist_core.teaching.concepts.convolution import EXAMPLE, KERNELS
from mnist_core.teaching.concepts.sliding import WindowError
from mnist_core.teaching.concepts.tables import TableError

SIDES = [(n, k, s) for n in range(1, 29) for k in range(1, 8) for s in range(1, 5)]


@pytest.fixture(scope="module")
def digit() -> np.ndarray:
    return pixels.scaled(mnist.load().x_test[0])[..., 0]


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
        elif "all signs changed" in words:
            assert flipped == pytest.approx(-straight, abs=1e-9)
        else:
            differ = (np.abs(straight - flipped) > 1e-6).sum()
            assert f"differ in {differ} of 676 cells" in words
    assert "0 of 9 cells" in convolution.compare(np.ones((5, 5)), np.arange(9.0).reshape(3, 3))


@pytest.mark.parametrize(
    ("bad", "received"), [(np.nan, "is empty"), (np.inf, "holds inf"), (-1000, "holds -1000")]
)
def test_a_table_that_cannot_be_used(bad, received):
    table = np.zeros((3, 3))
    table[1, 2] = bad
    with pytest.raises(TableError, match=rf"kernel .* row 1, column 2 {received}"):
        tables.checked(table, "the kernel")
    with pytest.raises(TableError, match=r"3x3 kernel .* received 2x5"):
        convolution.slide(np.zeros((2, 5)), np.zeros((3, 3)))


def test_grey_levels():
    image = mnist.load().x_test[7]
    assert pixels.scaled(image).shape == (28, 28, 1)
    assert pixels.scaled(image).dtype == np.float32
    assert pixels.scaled(image)[..., 0] == pytest.approx(image / 255)
    for level in (-255, -40, 0, 100, 255):
        expected = np.array([[min(max(int(p) + level, 0), 255) for p in row] for row in image])
        assert np.array_equal(pixels.added(image, level), expected)
        assert pixels.added(image, level).dtype == np.uint8
    assert np.array_equal(pixels.thresholded(image, 128) == 255, image >= 128)
    assert set(np.unique(pixels.thresholded(image, 128))) == {0, 255}
    assert np.array_equal(pixels.negative(image).astype(int), 255 - image.astype(int))
    assert (np.array([250], np.uint8) + np.uint8(10)).item() == 4  # as the page says


@pytest.mark.parametrize("padding", ["valid", "same"])
def test_output_sides_are_keras(padding):
    """All of them: also where Keras and the layers of the app refuse."""
    for k, s in {(k, s) for _, k, s in SIDES}:
        theirs = keras.layers.Conv1D(1, k, strides=s, padding=padding)
        layer = Conv2D(filters=1, kernel_size=k, strides=s, padding=padding)
        for n in range(1, 29):
            if padding == "valid" and k > n:
                with pytest.raises(WindowError, match=f"at least {k} pixels"):
                    sliding.padded(n, k, s, 0)
                with pytest.raises(ValueError, match="zero or negative"):
                    theirs.compute_output_shape((1, n, 1))
                continue
            side = sliding.same(n, k, s) if padding == "same" else sliding.padded(n, k, s, 0)
            assert side.outputs == theirs.compute_output_shape((1, n, 1))[1], (n, k, s)
            assert side.outputs == layer.output_shape((n, n, 1))[0]


@pytest.mark.parametrize(
    ("n", "k", "s"), [(28, 3, 2), (28, 2, 1), (7, 4, 3), (5, 2, 4), (28, 5, 1)]
)
def test_the_padding_of_same_is_where_keras_puts_it(n, k, s):
    """A kernel of ones counts the pixels, and a ramp tells which ones."""
    side = sliding.same(n, k, s)
    ramp = np.arange(1.0, n + 1)
    padded = np.concatenate([np.zeros(side.before), ramp, np.zeros(side.after)])
    sums = [padded[start + side.before :][:k].sum() for start in side.starts]
    made = keras.ops.conv(ramp[None, :, None], np.ones((k, 1, 1)), s, "same")
    assert np.asarray(made)[0, :, 0] == pytest.approx(sums)
    assert 0 <= side.after - side.before <= 1


def test_what_is_read_and_what_is_lost():
    for n, k, s in SIDES:
        for p in (0, 1, 3):
            if k > n + 2 * p:
                continue
            side = sliding.padded(n, k, s, p)
            assert side.outputs == int(np.floor((n + 2 * p - k) / s)) + 1
            counts = np.zeros(n + 2 * p, int)
            for start in range(0, n + 2 * p - k + 1, s):
                counts[start : start + k] += 1
            assert np.array_equal(side.reads, counts)
            assert np.array_equal(side.unread, np.flatnonzero(counts[p : p + n] == 0))
    assert sliding.padded(6, 3, 2, 0).unread.tolist() == [5]
    assert sliding.same(28, 3, 2).outputs == sliding.padded(28, 3, 2, 1).outputs == 14
    assert sliding.same(28, 3, 2).starts[0] == 0
    assert sliding.padded(28, 3, 2, 1).starts[0] == -1
    with pytest.raises(WindowError, match=r"7 × 7 .* 2 pixels a side and 2 · 1 zeros"):
        sliding.padded(2, 7, 1, 1)
