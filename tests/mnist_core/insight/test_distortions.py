"""Distorted images against NumPy: direction, identity, range, and what is random about them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from mnist_core.dataset import mnist
from mnist_core.insight.distortions import DISTORTIONS, amounts_below

ROWS = np.arange(40)
IMAGES = mnist.load().x_test[ROWS]
ALL = pytest.mark.parametrize("distortion", DISTORTIONS.values(), ids=list(DISTORTIONS))


def distorted(name: str, amount: float, images: np.ndarray = IMAGES) -> np.ndarray:
    return DISTORTIONS[name].apply(images, amount, np.arange(len(images)))


def difference(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.abs(one.astype(float) - other).mean())


@ALL
def test_levels_rise_and_one_of_them_changes_nothing(distortion):
    assert list(distortion.levels) == sorted(set(distortion.levels))
    assert distortion.none in distortion.levels
    assert np.array_equal(distortion.apply(IMAGES, distortion.none, ROWS), IMAGES)


@ALL
def test_more_of_it_is_farther_from_the_image(distortion):
    above = [level for level in distortion.levels if level >= distortion.none]
    if distortion.name in ("rotated", "shifted"):
        above = above[:5]  # half a turn, or a neighbouring stroke, may look alike again
    far = [difference(distortion.apply(IMAGES, level, ROWS), IMAGES) for level in above]
    assert far == sorted(far)
    assert len(set(far)) == len(far)


@given(
    arrays(np.uint8, st.tuples(st.integers(0, 3), st.just(28), st.just(28))),
    st.sampled_from(list(DISTORTIONS.values())),
    st.data(),
)
def test_shape_type_and_repeatability(images, distortion, data):
    amount = data.draw(st.sampled_from(distortion.levels))
    before, seeds = images.copy(), np.arange(len(images)) + 7
    made = distortion.apply(images, amount, seeds)
    assert made.shape == images.shape
    assert made.dtype == np.uint8
    assert np.array_equal(made, distortion.apply(images, amount, seeds))
    assert np.array_equal(images, before)


@ALL
def test_an_image_is_distorted_alone_as_among_others(distortion):
    amount = distortion.levels[-1]
    together = distortion.apply(IMAGES, amount, ROWS)
    alone = distortion.apply(IMAGES[11:12], amount, ROWS[11:12])
    assert np.abs(alone[0].astype(int) - together[11]).max() <= 1  # a rounding apart


def test_rotation_is_clockwise():
    for turns in (1, 2, 3):
        expected = np.rot90(IMAGES, -turns, axes=(1, 2))
        assert np.abs(distorted("rotated", 90 * turns).astype(int) - expected).max() <= 1


def test_rotation_there_and_back():
    back = distorted("rotated", -30, distorted("rotated", 30))
    assert difference(back, IMAGES) < 0.3 * difference(distorted("rotated", 30), IMAGES)


@pytest.mark.parametrize("pixels", [1, 5, 10])
def test_shift_is_numpys_roll_with_paper(pixels):
    expected = np.roll(IMAGES, pixels, axis=2)
    expected[:, :, :pixels] = 0
    assert np.array_equal(distorted("shifted", pixels), expected)


def test_scale_multiplies_width_and_height():
    square = np.zeros((1, 28, 28), np.uint8)
    square[:, 9:19, 9:19] = 200  # 10 by 10 in the middle
    for percent in (50, 80, 140, 160):
        ink = distorted("scaled", percent, square).sum() / 200
        assert ink == pytest.approx((10 * percent / 100) ** 2, rel=0.15)
    assert np.array_equal(distorted("scaled", 160, square), distorted("scaled", 160, square.mT))


def test_blur_keeps_the_ink_and_spreads_it():
    dot = np.zeros((1, 28, 28), np.uint8)
    dot[:, 14, 14] = 255
    made = distorted("blurred", 1, dot)[0].astype(float)
    assert made[14, 14] == pytest.approx(255 / (2 * np.pi), rel=0.05)
    assert made[14, 15] / made[14, 14] == pytest.approx(np.exp(-0.5), rel=0.05)
    ink = distorted("blurred", 1.5).sum() / IMAGES.sum()
    assert ink == pytest.approx(1, abs=0.02)


def test_noise_has_its_deviation_and_each_row_its_own():
    grey = np.full((20, 28, 28), 128, np.uint8)
    made = distorted("noised", 20, grey).astype(float) - 128
    assert made.std() == pytest.approx(20, rel=0.03)
    assert made.mean() == pytest.approx(0, abs=0.7)
    again = DISTORTIONS["noised"].apply(grey[:1], 20, np.array([5]))
    assert np.array_equal(again[0] - 128.0, made[5])
    assert abs(np.corrcoef(made[0].ravel(), made[1].ravel())[0, 1]) < 0.15


def test_thick_is_the_largest_neighbour_and_thin_the_smallest():
    padded = np.pad(IMAGES, ((0, 0), (1, 1), (1, 1)))
    around = [padded[:, 1:-1, 1:-1], padded[:, :-2, 1:-1], padded[:, 2:, 1:-1]]
    around += [padded[:, 1:-1, :-2], padded[:, 1:-1, 2:]]
    assert np.array_equal(distorted("thickened", 1), np.max(around, axis=0))
    assert np.array_equal(distorted("thickened", -1), np.min(around, axis=0))
    half = (IMAGES + np.max(around, axis=0).astype(float)) / 2
    assert np.abs(distorted("thickened", 0.5) - half).max() <= 0.5


def test_inverted_whole_and_by_half():
    assert np.array_equal(distorted("inverted", 100), 255 - IMAGES)
    assert len(np.unique(distorted("inverted", 50))) == 1


def test_what_is_hidden_is_a_square_within_the_digit():
    bright = IMAGES | 1  # so that no pixel of paper is left but what hides
    bright[:, :4] = bright[:, -4:] = bright[:, :, :4] = bright[:, :, -4:] = 0
    for side in (2, 6, 8):
        made = distorted("hidden", side, bright)
        for before, after in zip(bright, made, strict=True):
            rows, columns = np.nonzero(before != after)
            assert 0 < np.ptp(rows) + 1 <= side
            assert 0 < np.ptp(columns) + 1 <= side
            box = before[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
            assert len(rows) == np.count_nonzero(box)  # all of the square, and nothing else
    assert all((distorted("hidden", 14) != IMAGES).any(axis=(1, 2)))


@pytest.mark.parametrize(
    ("name", "accuracy", "expected"),
    [
        ("rotated", [0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.3, 0.95], [30]),  # 0.9 is not below
        ("scaled", [0.3, 0.95, 0.8, 0.95, 0.99, 0.95, 0.95, 0.2], [60, 160]),  # the nearest ones
        ("scaled", [0.95, 0.95, 0.95, 0.95, 0.99, 0.8, 0.7, 0.2], [120]),
        ("thickened", [0.2, 0.95, 0.95, 0.89, 0.95, 0.2, 0.2, 0.2], [0]),
        ("blurred", [0.99] * 8, []),
    ],
)
def test_where_accuracy_falls_below_nine_of_ten(name, accuracy, expected):
    assert amounts_below(0.9, DISTORTIONS[name], np.array(accuracy)) == expected
