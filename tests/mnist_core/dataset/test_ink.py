"""Ink and paper are told apart in pictures of every kind; MNIST's own image is the truth."""

import numpy as np
import pytest
from scipy import ndimage

from mnist_core.dataset import ink, mnist
from mnist_core.dataset.images import DigitError
from mnist_core.dataset.preprocessing import prepare, prepare_drawing, set_width
from tests.mnist_core.dataset import pictures
from tests.mnist_core.dataset.pictures import Resampling, difference, sample_image

ROWS = range(40)


def likeness(picture: np.ndarray, row: int) -> float:
    """Correlation of the only digit in a picture with the image that it was made from."""
    (found,) = prepare(picture)
    return pictures.likeness(found.image, sample_image(row))


def share_alike(make, alike: float, inverted: bool) -> float:
    """Share of pictures whose digit is as alike as that."""
    rng = np.random.default_rng(5)
    made = [make(sample_image(row), rng) for row in ROWS]
    pictures_of = [255 - picture for picture in made] if inverted else made
    return float(
        np.mean([likeness(p, row) > alike for row, p in zip(ROWS, pictures_of, strict=True)])
    )


@pytest.mark.parametrize("inverted", [False, True], ids=["light on dark", "dark on light"])
@pytest.mark.parametrize("margin", [0, 0.02, 0.05, 0.2])
def test_a_digit_that_fills_its_picture(margin, inverted):
    assert share_alike(lambda i, _: pictures.filling(i, margin), 0.9, inverted) == 1


@pytest.mark.parametrize("inverted", [False, True], ids=["light on dark", "dark on light"])
def test_a_picture_as_narrow_as_its_digit(inverted):
    assert share_alike(lambda i, _: pictures.filling(i, 0, square=False), 0.9, inverted) >= 0.975


@pytest.mark.parametrize("inverted", [False, True], ids=["light on dark", "dark on light"])
@pytest.mark.parametrize("side", [8, 16, 28])
@pytest.mark.parametrize("method", [None, Resampling.NEAREST, Resampling.BICUBIC])
def test_pictures_of_few_pixels(side, method, inverted):
    alike = {8: 0.7, 16: 0.85, 28: 0.9}[side]
    share = share_alike(lambda i, _: pictures.coarse(i, side, 16, method), alike, inverted)
    assert share >= 0.95


@pytest.mark.parametrize("make", [pictures.board, pictures.cropped_photo])
def test_boards_and_tight_crops_of_photos(make):
    assert share_alike(make, 0.6, inverted=False) >= 0.95


@pytest.mark.parametrize("inverted", [False, True], ids=["light on dark", "dark on light"])
@pytest.mark.parametrize("kind", pictures.BOXES)
def test_lines_as_dark_as_the_pen_are_left_out(kind, inverted):
    assert share_alike(lambda i, rng: pictures.boxed(i, rng, kind), 0.9, inverted) >= 0.975


@pytest.mark.parametrize("thicker", [2, 3])
def test_thick_strokes_are_thinned_to_a_usual_width(thicker):
    width, thinned = [], 0
    for row in ROWS:
        (found,) = prepare(pictures.filling(sample_image(row), 0.1, thicker))
        thinned += "thinned" in found.steps[2].explanation
        mask = np.pad(np.kron(found.image > 127, np.ones((5, 5), bool)), 1)
        width.append((4 * ndimage.distance_transform_edt(mask)[mask].mean() - 2) / 5)
    assert thinned > len(ROWS) / 2
    assert np.quantile(width, 0.9) < 5


def test_a_drawing_is_read_without_a_decision():
    """Half of the sheet is ink, and yet white is the ink."""
    sheet = np.zeros((300, 320), np.uint8)
    sheet[:, 60:260] = 255
    (found,) = prepare_drawing(sheet)
    assert found.image[14, 14] == 255
    assert found.image[14, 2] == 0
    assert found.steps[0].explanation.startswith("White ink on black paper")
    assert found.steps[0].image[150, [100, 20]].tolist() == [255, 0]
    assert found.steps[1].explanation == "Your strokes are the ink."


def test_a_blank_drawing_is_told():
    with pytest.raises(DigitError, match="draw a digit"):
        prepare_drawing(np.zeros((300, 320, 4), np.uint8))


def test_what_a_mark_lacks_is_said_and_within_bounds():
    rng = np.random.default_rng(0)
    noise = rng.normal(128, 60, (200, 200)).clip(0, 255).astype(np.uint8)
    with pytest.raises(DigitError) as caught:
        prepare(noise)
    assert "differ from its paper by 64 of 255" in str(caught.value) or "marks" in str(caught.value)
    y, x = np.mgrid[-1:1:300j, -1:1:300j]
    shadow = 200 - 70 * np.exp(-4 * (x**2 + y**2)) + rng.normal(0, 2, x.shape)
    with pytest.raises(DigitError, match="soft edges, like a shadow"):
        prepare(shadow.clip(0, 255).astype(np.uint8))


def test_repeated_pixels_are_taken_back_and_others_are_not():
    image = sample_image(3)
    large = np.kron(image, np.ones((9, 9), np.uint8)).astype(np.float32)
    np.testing.assert_array_equal(ink.without_blocks(large), image)
    smooth = pictures.enlarge(image, 252, Resampling.BICUBIC).astype(np.float32)
    assert ink.without_blocks(smooth) is smooth


def test_the_width_of_usual_strokes_stays():
    changed = 0
    for image in mnist.load().x_test[:200]:
        changed += bool(set_width((pictures.cut(image) / 255).astype(np.float32))[1])
    assert changed <= 20


def test_polarity_makes_no_difference_to_a_clean_picture():
    for row in range(10):
        picture = pictures.filling(sample_image(row), 0.1)
        assert difference(prepare(picture)[0].image, prepare(255 - picture)[0].image) <= 1
