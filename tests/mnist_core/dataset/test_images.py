"""Pictures that nobody means well: bombs of several kinds, and files of types that are not read."""

import struct
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image, ImageOps

from mnist_core.dataset import preprocessing
from mnist_core.dataset.images import DigitError
from mnist_core.dataset.preprocessing import prepare
from tests.mnist_core.dataset.pictures import (
    SHOWN,
    difference,
    encode,
    ink_picture,
    sample_image,
    turned,
)
from tests.mnist_core.fuzz import chunk, png


def gif(width: int, height: int, frame: int) -> bytes:
    """A GIF whose frame is larger than itself."""
    head = b"GIF89a" + struct.pack("<HH", width, height) + b"\x80\0\0" + bytes(6)
    sides = struct.pack("<HHHH", 0, 0, frame, frame)
    return head + b"," + sides + b"\0\x02\x16" + bytes(22) + b"\0;"


def webp(side: int) -> bytes:
    body = b"WEBPVP8X" + struct.pack("<I", 10) + bytes(4)
    body += struct.pack("<I", side - 1)[:3] * 2 + b"VP8 " + bytes(20)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bmp(width: int, height: int) -> bytes:
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 154, 0, 0, 54) + head + bytes(100)


BOMB = b"a\0\0" + zlib.compress(bytes(100_000_000), 9)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gif(65_535, 65_535, 10), "at most 50 million"),
        (gif(16, 16, 65_535), "at most 50 million"),
        (webp(2**24), "at most 50 million"),
        (bmp(2**31 - 1, 2**31 - 1), "at most 50 million"),
        (bmp(28, -(2**31)), "at most 50 million"),
        (png((28, 28, 8, 0, 0), bytes(29 * 28), chunk(b"iCCP", BOMB)), "cannot be read"),
        (png((28, 28, 8, 0, 0), bytes(29 * 28), chunk(b"zTXt", BOMB)), "cannot be read"),
        (png((28, 28, 8, 0, 0), bytes(100_000_000)), "draw a digit"),
    ],
    ids=["gif", "gif frame", "webp", "bmp", "bmp upside down", "iccp", "ztxt", "more rows"],
)
def test_a_bomb_takes_no_memory(data, words):
    """As far as Python sees it; Pillow decodes only what `read_grey` lets pass."""
    tracemalloc.start()
    try:
        with pytest.raises(DigitError, match=words) as caught:
            prepare(data)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    "kind", ["ICO", "EPS", "PDF", "PPM", "TGA", "PCX", "SGI", "ICNS", "JPEG2000"]
)
def test_types_that_the_page_does_not_offer_are_not_opened(kind):
    picture = ink_picture().resize((64, 64)).convert("RGB")
    with pytest.raises(DigitError, match="received one of another kind"):
        prepare(encode(picture, kind))


@pytest.mark.parametrize(
    "data", [b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"8BPS\0\1" + bytes(99), b"PK\x03\x04"]
)
def test_other_files_are_not_opened(data):
    with pytest.raises(DigitError, match="received one of another kind"):
        prepare(data)


def test_what_a_file_is_called_and_what_follows_it_do_not_matter(tmp_path):
    path = tmp_path / "digit.jpg"
    path.write_bytes(
        encode(ink_picture(), "PNG") + b"<html><script>alert(1)</script>" + b"%PDF-1.4"
    )
    assert difference(prepare(path)[0].image, sample_image(3)) <= SHOWN


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", [0, 1, 3, 6, 9, 65_535])
def test_orientations_in_every_type_and_those_that_there_are_not(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turns = {3: Image.Transpose.ROTATE_180, 6: Image.Transpose.ROTATE_90}
    picture = ink_picture()
    if orientation in turns:
        picture = picture.transpose(turns[orientation])
    assert difference(prepare(encode(picture, kind, exif=exif))[0].image, sample_image(3)) <= SHOWN


def test_a_turned_picture_is_that_of_the_upright_one():
    upright = prepare(encode(ink_picture(), "JPEG", quality=92))[0].image
    for orientation in range(2, 9):
        assert difference(prepare(turned(ink_picture(), orientation))[0].image, upright) <= 2


def test_transparency_in_a_palette_and_in_grey():
    layers = Image.merge("LA", (Image.new("L", ink_picture().size), ink_picture()))
    assert difference(prepare(encode(layers))[0].image, sample_image(3)) <= SHOWN
    palette = ink_picture().convert("P")
    assert difference(prepare(encode(palette, transparency=0))[0].image, sample_image(3)) <= 12


def test_a_colour_profile_that_is_none_changes_nothing():
    data = encode(ink_picture(), icc_profile=b"no profile at all")
    assert difference(prepare(data)[0].image, sample_image(3)) <= SHOWN


def test_a_webp_may_have_at_most_15_million_pixels():
    large = Image.new("L", (5_000, 3_001))
    with pytest.raises(DigitError, match=r"WebP: 15 million\); received 5000 x 3001"):
        prepare(encode(large, "WEBP", quality=0, method=0))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "BMP"])
def test_a_page_scanned_at_600_dpi_is_read(kind):
    page = Image.new("L", (4_960, 7_016), 255)
    page.paste(ImageOps.invert(ink_picture()).resize((2_000, 1_600)), (1_000, 3_000))
    assert difference(prepare(encode(page, kind))[0].image, sample_image(3)) <= SHOWN


def test_files_are_decoded_one_at_a_time_and_drawings_do_not_wait_for_them():
    with preprocessing._one_file:
        assert prepare(np.asarray(ink_picture()))[0].image.any()
    assert not preprocessing._one_file.locked()
    with pytest.raises(DigitError):
        prepare(b"nothing")
    assert not preprocessing._one_file.locked()
