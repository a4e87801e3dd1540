"""Several digits in a picture are told apart, and one digit in several strokes is not."""

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_core.dataset import mnist
from mnist_core.dataset.images import DigitError
from mnist_core.dataset.preprocessing import prepare, prepare_drawing
from tests.mnist_core.dataset import pictures
from tests.mnist_core.dataset.pictures import sample_image


def alike(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


@pytest.mark.parametrize("inverted", [False, True])
def test_two_digits_come_from_left_to_right(inverted):
    rng = np.random.default_rng(1)
    good = 0
    for row in range(0, 40, 2):
        pair = mnist.load().x_test[row : row + 2]
        picture = pictures.two(pair, rng)
        found = prepare(255 - picture if inverted else picture)
        good += len(found) == 2 and all(
            pictures.likeness(digit.image, image) > 0.85
            for digit, image in zip(found, pair, strict=True)
        )
        if len(found) == 2:
            assert "digit 2 of 2" in found[1].steps[1].explanation
    assert good >= 19


def test_two_rows_are_read_row_by_row():
    images = [
        pictures.enlarge(sample_image(row), 100, pictures.Resampling.BICUBIC) for row in range(4)
    ]
    picture = np.vstack(
        [np.hstack(images[:2]), np.zeros((60, 200), np.uint8), np.hstack(images[2:])]
    )
    found = prepare(np.pad(picture, 20))
    assert [max(range(4), key=lambda r: alike(d.image, sample_image(r))) for d in found] == [
        0,
        1,
        2,
        3,
    ]


def test_one_digit_in_several_strokes_is_one():
    counts = [len(prepare(image)) for image in mnist.load().x_test[:1000]]
    assert np.mean(np.array(counts) == 1) > 0.998


def strokes(*lines: list[tuple[int, int]], width: int = 22) -> np.ndarray:
    sheet = Image.new("L", (320, 300))
    for line in lines:
        ImageDraw.Draw(sheet).line(line, 255, width)
    return np.asarray(sheet)


@pytest.mark.parametrize(
    ("lines", "digits"),
    [
        (([(100, 40), (80, 150), (220, 150)], [(190, 60), (190, 260)]), 1),  # an open 4
        (([(100, 50), (90, 120), (200, 150), (180, 240), (90, 250)], [(120, 40), (230, 40)]), 1),
        (([(80, 40), (80, 260)], [(200, 40), (200, 260)]), 2),  # 11
        (([(120, 40), (60, 260)], [(200, 40), (140, 260)]), 2),  # slanted
        (([(60, 40), (60, 260)], [(160, 40), (160, 260)], [(260, 40), (260, 260)]), 3),
    ],
)
def test_strokes_on_the_sheet(lines, digits):
    assert len(prepare_drawing(strokes(*lines))) == digits


def test_a_one_in_a_box_is_a_one():
    box = [(40, 20), (280, 20), (280, 280), (40, 280), (40, 20)]
    sheet = np.maximum(strokes(box, width=4), strokes([(160, 60), (160, 240)], width=14))
    (found,) = prepare(sheet)
    assert found.image[14, 14] == 255
    assert found.image[:, :8].max() == 0
    assert "Other digits and marks are removed" in found.steps[1].explanation


def test_a_box_alone_is_read_as_it_is():
    assert len(prepare(strokes([(40, 20), (280, 20), (280, 280), (40, 280), (40, 20)]))) == 1


def test_a_page_full_of_marks_is_refused():
    page = np.tile(
        np.pad(pictures.enlarge(sample_image(3), 60, pictures.Resampling.BICUBIC), 8), (4, 4)
    )
    with pytest.raises(DigitError, match="at most 12 digits; received one with 16 marks"):
        prepare(page)


def test_a_page_of_dots_is_refused_at_once():
    dots = np.zeros((400, 400), np.uint8)
    dots[::3, ::3] = 255
    with pytest.raises(DigitError, match="at most 12 digits"):
        prepare_drawing(dots)


def test_a_mark_that_is_too_small_leaves_the_digit_beside_it():
    picture = np.zeros((30, 60), np.uint8)
    picture[8:20, 10:13] = 255
    picture[10:15, 40:43] = 255
    (found,) = prepare(picture)
    assert found.image.any()
