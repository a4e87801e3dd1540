"""Pictures of a digit come back as the MNIST image that they were made from."""

import io
import itertools
import struct
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageDraw
from scipy import ndimage

from mnist_core.dataset import mnist, preprocessing
from mnist_core.dataset.images import DigitError
from mnist_core.dataset.preprocessing import prepare
from tests.mnist_core.dataset.pictures import (
    SHOWN,
    Resampling,
    difference,
    drawing,
    encode,
    enlarge,
    ink_picture,
    paste,
    photo,
    sample_image,
    turned,
)

COUNT = 200


def loss(classify: Callable, pictures: list, rows: np.ndarray) -> float:
    """Points of accuracy that the pictures of test images `rows` lose against the images."""
    data = mnist.load()
    prepared = np.stack([prepare(picture)[0].image for picture in pictures])
    right = [
        classify(images).argmax(1) == data.y_test[rows] for images in (data.x_test[rows], prepared)
    ]
    return 100 * (right[0].mean() - right[1].mean())


@pytest.mark.slow
def test_drawings_of_either_polarity_lose_under_0_3_points(classify):
    rng = np.random.default_rng(5)
    light = [drawing(sample_image(row), rng) for row in range(COUNT)]
    dark = [255 - drawing(sample_image(row), rng) for row in range(COUNT)]
    assert loss(classify, light + dark, np.tile(np.arange(COUNT), 2)) < 0.3


@pytest.mark.slow
def test_photos_on_unevenly_lit_paper_lose_under_1_point(classify):
    rng = np.random.default_rng(5)
    photos = [photo(sample_image(row), rng) for row in range(120)]  # each takes 0.1 s
    assert loss(classify, photos, np.arange(120)) < 1.0


def check_form(image: np.ndarray) -> None:
    """What holds for every image that comes back."""
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert image.max() == 255
    spans = [np.flatnonzero(image.any(axis)) for axis in (1, 0)]
    assert max(span[-1] - span[0] + 1 for span in spans) <= 20
    middles = ndimage.center_of_mass(image.astype(float))
    for span, middle in zip(spans, middles, strict=True):
        clipped = span[0] == 0 or span[-1] == 27
        assert abs(middle - 14) <= 1 or clipped


def shapes(most: int) -> st.SearchStrategy[tuple[int, ...]]:
    side = st.integers(1, most)
    return st.one_of(st.tuples(side, side), st.tuples(side, side, st.sampled_from([3, 4])))


@given(hnp.arrays(np.uint8, shapes(40)))
@settings(max_examples=150, deadline=None)
def test_any_array_gives_an_image_or_a_digit_error(array):
    try:
        prepared = prepare(array)
    except DigitError:
        return
    for digit in prepared:
        check_form(digit.image)


@given(st.integers(0, 2**32 - 1), shapes(500), st.sampled_from([1, 4, 30, 255]))
@settings(max_examples=40, deadline=None)
def test_noise_gives_an_image_or_a_digit_error(seed, shape, strength):
    rng = np.random.default_rng(seed)
    array = rng.integers(0, strength + 1, shape).astype(np.uint8)
    try:
        prepared = prepare(array)
    except DigitError:
        return
    for digit in prepared:
        check_form(digit.image)


@given(
    row=st.integers(0, 9_999),
    side=st.integers(28, 200),
    top=st.integers(0, 100),
    left=st.integers(0, 100),
)
@settings(max_examples=60, deadline=None)
def test_size_place_and_polarity_make_little_difference(row, side, top, left):
    canvas = paste(enlarge(sample_image(row), side, Resampling.BICUBIC), (320, 320), top, left)
    image = prepare(canvas)[0].image
    check_form(image)
    assert np.array_equal(prepare(255 - canvas)[0].image, image)
    elsewhere = prepare(np.roll(canvas, (7, 11), (0, 1)))[0].image
    steps = itertools.product((-1, 0, 1), repeat=2)  # centring may round to the next pixel
    assert min(difference(np.roll(elsewhere, step, (0, 1)), image) for step in steps) <= 10


@pytest.mark.parametrize("row", range(40))
def test_an_mnist_image_comes_back_as_it_was(row):
    (prepared,) = prepare(sample_image(row))
    thinned = "thinned" in prepared.steps[2].explanation
    assert thinned == (row == 25)  # the one whose strokes are wider than 4 pixels
    assert difference(prepared.image, sample_image(row)) <= (12 if thinned else SHOWN)


def test_the_steps_are_named_explained_and_end_in_the_image():
    picture = paste(enlarge(sample_image(), 140, Resampling.BICUBIC), (300, 400), 20, 200)
    (prepared,) = prepare(picture)
    assert [step.name for step in prepared.steps] == ["Gray", "Ink", "Crop", "Shrink", "Center"]
    assert all(step.explanation.endswith(".") for step in prepared.steps)
    assert all(step.image.dtype == np.uint8 and step.image.ndim == 2 for step in prepared.steps)
    assert not any(step.image.flags.writeable for step in prepared.steps)
    assert prepared.steps[-1].image is prepared.image
    assert max(prepared.steps[3].image.shape) == 20


def test_the_middle_is_mnists_own():
    images = mnist.load().x_test[:2_000].astype(float)
    middles = np.array([ndimage.center_of_mass(image) for image in images])
    assert np.abs(middles - preprocessing.MIDDLE).max() <= 0.51


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "CMYK", "YCbCr", "HSV", "I", "F"]
)
def test_every_mode_is_read(mode):
    picture = ink_picture().convert("RGB").convert("L" if mode in ("I", "F") else "RGB")
    limit = 12 if mode in ("1", "P", "PA") else SHOWN  # Pillow dithers to these
    assert difference(prepare(picture.convert(mode))[0].image, sample_image(3)) <= limit


@pytest.mark.parametrize("kind", ["<u2", ">u2"])
def test_sixteen_bits_are_read(kind):
    picture = Image.fromarray((np.asarray(ink_picture()) * np.uint16(200)).astype(kind))
    assert picture.mode == ("I;16" if kind == "<u2" else "I;16B")
    assert difference(prepare(picture)[0].image, sample_image(3)) <= SHOWN


def test_a_float_picture_may_hold_nan_and_infinity():
    values = np.asarray(ink_picture()).astype(np.float32) / 255
    values[0, 0] = np.nan
    assert difference(prepare(Image.fromarray(values))[0].image, sample_image(3)) <= SHOWN
    values[0, 1], values[0, 2] = np.inf, -np.inf
    with pytest.raises(DigitError, match="a mark of 1: draw it larger"):
        prepare(Image.fromarray(values))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_every_file_type_is_read_from_bytes_and_from_a_path(kind, tmp_path):
    data = encode(ink_picture(), kind)
    image = prepare(data)[0].image
    assert difference(image, sample_image(3)) <= SHOWN
    path = tmp_path / "digit"
    path.write_bytes(data)
    assert np.array_equal(prepare(path)[0].image, image)
    assert np.array_equal(prepare(str(path))[0].image, image)


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF"])
def test_of_an_animation_the_first_frame_counts(kind):
    blank = Image.new("L", ink_picture().size)
    data = encode(ink_picture(), kind, save_all=True, append_images=[blank, blank])
    assert difference(prepare(data)[0].image, sample_image(3)) <= SHOWN


@pytest.mark.parametrize("orientation", range(2, 9))
def test_exif_turns_are_undone(orientation):
    assert (
        difference(prepare(turned(ink_picture(), orientation))[0].image, sample_image(3)) <= SHOWN
    )


def test_the_callers_picture_stays_as_it_was():
    picture = Image.open(io.BytesIO(turned(ink_picture(), 6)))
    prepare(picture)
    assert picture.getexif()[0x0112] == 6
    assert picture.size == (160, 200)


@pytest.mark.parametrize("ink", [0, 90, 255])
def test_strokes_on_a_transparent_canvas(ink):
    canvas = np.full((160, 200, 4), ink, np.uint8)
    canvas[..., 3] = np.asarray(ink_picture())
    assert difference(prepare(canvas)[0].image, sample_image(3)) <= SHOWN


def test_a_mostly_opaque_picture_may_have_transparent_corners():
    canvas = np.full((160, 200, 4), 255, np.uint8)
    canvas[..., :3] -= np.asarray(ink_picture())[..., None]
    canvas[:20, :20] = 0
    assert difference(prepare(canvas)[0].image, sample_image(3)) <= SHOWN


def test_a_large_photo_is_read_at_a_reduced_size():
    large = ink_picture().resize((4_000, 3_200), Resampling.BICUBIC)
    for picture in (large, encode(large, "JPEG"), encode(large, "PNG")):
        assert difference(prepare(picture)[0].image, sample_image(3)) <= SHOWN


def test_ink_in_a_hard_shadow_is_as_strong_as_in_the_light():
    ink = np.asarray(ink_picture()) / 255
    light = np.where(np.arange(200) < 126, 240, 100)  # the edge runs through the digit
    photo = Image.fromarray((light * (1 - 0.7 * ink)).astype(np.uint8))
    assert difference(prepare(photo)[0].image, sample_image(3)) <= SHOWN


def test_specks_are_left_out():
    canvas = np.asarray(ink_picture()).copy()
    canvas[5:8, 5:8] = 255
    assert difference(prepare(canvas)[0].image, sample_image(3)) <= SHOWN


def test_a_thin_pen_is_thickened_and_a_marker_is_not():
    def area(width: int) -> float:
        picture = Image.new("L", (400, 400), 255)
        ImageDraw.Draw(picture).line([(120, 80), (280, 80), (180, 320)], 0, width)
        return prepare(picture)[0].image.sum() / 255

    assert 50 < area(2) < 110
    assert area(30) > 1.2 * area(24)


@pytest.mark.parametrize("value", [0, 1, 128, 255])
def test_a_flat_picture_is_blank(value):
    with pytest.raises(DigitError, match="strongest mark differs by 0: draw a digit"):
        prepare(np.full((280, 280), value, np.uint8))


def test_an_empty_canvas_is_blank():
    with pytest.raises(DigitError, match="draw a digit"):
        prepare(np.zeros((280, 280, 4), np.uint8))


def is_blank(picture: np.ndarray | Image.Image | bytes) -> bool:
    try:
        prepare(picture)
    except DigitError:
        return True
    return False


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("noise", [1, 2, 8])
def test_a_photo_of_blank_paper_is_blank(seed, noise):
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[-1:1:400j, -1:1:500j]
    light = 1 - 0.1 * rng.uniform(-1, 1) * x - 0.1 * rng.uniform(-1, 1) * y - 0.1 * (x**2 + y**2)
    paper = rng.uniform(120, 230) * light + rng.normal(0, noise, light.shape)
    assert is_blank(paper.clip(0, 255).astype(np.uint8))


def test_most_photos_of_blank_paper_with_shadows_are_blank():
    rng = np.random.default_rng(0)
    blank = [is_blank(photo(np.zeros((28, 28), np.uint8), rng)) for _ in range(60)]
    assert np.mean(blank) >= 0.8


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"])
def test_truncated_files_are_refused_or_read(kind):
    data = encode(ink_picture(), kind)
    for length in {0, 1, 10, *range(30, len(data), max(1, len(data) // 25))}:
        try:
            check_form(prepare(data[:length])[0].image)
        except DigitError:
            continue
    with pytest.raises(DigitError, match="save it again as PNG or JPEG"):
        prepare(data[: len(data) // 2])


@given(st.binary(max_size=200), st.sampled_from(["PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"]))
@settings(max_examples=150, deadline=None)
def test_damaged_files_raise_nothing_else(damage, kind):
    data = encode(ink_picture().resize((40, 32)), kind)
    place = len(damage) % len(data)
    for bad in (damage, data[:place] + damage + data[place + len(damage) :]):
        try:
            check_form(prepare(bad)[0].image)
        except DigitError:
            continue


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (np.zeros((5, 5)), r"received float64 \(5, 5\): convert it first"),
        (np.zeros((5, 5, 2), np.uint8), r"received uint8 \(5, 5, 2\)"),
        (np.zeros(5, np.uint8), r"received uint8 \(5,\)"),
        (np.zeros((0, 5), np.uint8), "must have pixels; received 5 x 0"),
        (Image.new("L", (0, 3)), "must have pixels; received 0 x 3"),
        (b"", "save it again as PNG or JPEG"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "save it again as PNG or JPEG"),
        ("nowhere.png", "there is no such picture"),
        (None, "cannot be read"),
    ],
)
def test_what_is_no_picture_is_refused(source, message):
    with pytest.raises(DigitError, match=message):
        prepare(source)


@pytest.mark.parametrize("side", [7_072, 10_000, 60_000])
def test_a_decompression_bomb_is_refused_before_it_is_decoded(side):
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        check = struct.pack(">I", zlib.crc32(kind + data))
        return struct.pack(">I", len(data)) + kind + data + check

    packed = zlib.compress(bytes(1_000_000))
    data = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed)
    with pytest.raises(
        DigitError, match=r"at most 50 million pixels \(WebP: 15 million\); received"
    ):
        prepare(data + chunk(b"IEND", b""))


def test_a_large_array_is_refused():
    with pytest.raises(DigitError, match="received 10000 x 5001: crop it"):
        prepare(np.zeros((5_001, 10_000), np.uint8))
