"""Windows that slide over a side, against Keras and plain loops."""

import keras
import numpy as np
import pytest

from mnist_core.network.layers import Conv2D
from mnist_core.teaching.concepts import sliding
from mnist_core.teaching.concepts.sliding import WindowError

SIDES = [(n, k, s) for n in range(1, 29) for k in range(1, 8) for s in range(1, 5)]


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
