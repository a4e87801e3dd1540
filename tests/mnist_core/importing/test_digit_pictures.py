"""Folders of pictures of other people, and what is wrong with them."""

import io
import tracemalloc
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from mnist_core.dataset.digit_set import DigitSetError
from mnist_core.importing.digit_files import read_digits
from tests.mnist_core.digit_sets import png, sample, zipped
from tests.mnist_core.fuzz import chunk

GOOD = sample()
PICTURES = {f"p/{at}.png": png(image) for at, image in enumerate(GOOD.images)}
DRAWING = png(np.zeros((40, 50), np.uint8))
ONE = {"a.png": PICTURES["p/0.png"], "b.png": DRAWING}


def table(*lines: str, head: str = "file,label") -> bytes:
    return "\n".join((head, *lines)).encode()


def test_a_folder_per_digit():
    files = {
        f"set/train/{label}/{at}.png": PICTURES[f"p/{at}.png"]
        for at, label in enumerate(GOOD.labels)
    }
    found = read_digits("a.zip", zipped({**files, "README.md": b"mine"}))
    np.testing.assert_array_equal(found.images, GOOD.images)
    np.testing.assert_array_equal(found.labels, GOOD.labels)
    assert found.writers.tolist() == [1] * 12
    assert found.drawings == (b"",) * 12


@pytest.mark.parametrize("folder", ["", "my set/"])
def test_a_table_in_its_own_order_with_more_columns(folder):
    """As a spreadsheet saves it: with a byte order mark, CRLF, quotes and an empty line."""
    lines = [f'"p/{at}.png",ok,{GOOD.labels[at]}' for at in reversed(range(12))]
    text = "\ufeff" + "\r\n".join(["file,note,label", *lines, ""]) + "\r\n"
    files = {f"{folder}{name}": data for name, data in PICTURES.items()}
    found = read_digits("a.zip", zipped({**files, f"{folder}labels.csv": text.encode()}))
    np.testing.assert_array_equal(found.images, GOOD.images[::-1])
    np.testing.assert_array_equal(found.labels, GOOD.labels[::-1])


def test_writers_and_drawings():
    csv = table("a.png,7,3,b.png", head="file,label,writer,drawing")
    found = read_digits("a.zip", zipped({**ONE, "x.csv": csv}))
    assert (found.writers.tolist(), found.drawings) == ([3], (DRAWING,))


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "P"])
def test_modes_of_pictures(mode):
    file = io.BytesIO()
    Image.fromarray(GOOD.images[0]).convert(mode).save(file, "PNG")
    found = read_digits("a.zip", zipped({"5/a.png": file.getvalue()}))
    np.testing.assert_allclose(found.images[0], GOOD.images[0], atol=1)


def test_black_strokes_on_nothing_are_ink():
    picture = np.zeros((28, 28, 4), np.uint8)
    picture[..., 3] = GOOD.images[0]
    found = read_digits("a.zip", zipped({"5/a.png": png(picture)}))
    np.testing.assert_allclose(found.images[0], GOOD.images[0], atol=1)


def test_what_a_png_tells_beside_its_pixels_is_left_out():
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "Ada Lovelace")
    file = io.BytesIO()
    Image.fromarray(np.zeros((40, 50), np.uint8)).save(file, "PNG", pnginfo=told)
    assert b"Ada" in file.getvalue()
    csv = table("a.png,7,b.png", head="file,label,drawing")
    found = read_digits("a.zip", zipped({**ONE, "b.png": file.getvalue(), "x.csv": csv}))
    assert found.drawings == (DRAWING,)


HEAD = "file,label,writer,drawing"
DRAWN = table("a.png,7,1,b.png", head=HEAD)
OTHER = png(np.zeros((28, 29), np.uint8))
CUT = ONE["a.png"][:-5]
WRONG = bytearray(ONE["a.png"])
WRONG[50] ^= 1
IDAT = ONE["a.png"].index(b"IDAT") - 4
NO_PIXELS = ONE["a.png"][:IDAT] + chunk(b"IDAT", b"no zlib") + chunk(b"IEND", b"")
BAD = {
    "folder": (ONE, "folder named by its digit, 0 to 9; received 'a.png'"),
    "digit of two": ({"10/a.png": ONE["a.png"]}, "received '10/a.png'"),
    "other digit": ({"٣/a.png": ONE["a.png"]}, "folder named by its digit"),
    "size": ({"5/a.png": OTHER}, "28x28 pixels, as in MNIST; received '5/a.png' of 29 x 28"),
    "jpeg": ({"5/a.png": b"\xff\xd8\xff\xe0"}, "'5/a.png', which is of another kind"),
    "cut": ({"5/a.png": CUT}, "which is damaged"),
    "checksum": ({"5/a.png": bytes(WRONG)}, "which is damaged"),
    "pixels": ({"5/a.png": NO_PIXELS}, "'5/a.png': a picture must be a whole file"),
    "empty picture": ({"5/a.png": b""}, "of another kind"),
    "two tables": ({**ONE, "a.csv": b"", "b.csv": b""}, "one table; received"),
    "empty table": ({**ONE, "a.csv": b""}, "column names, .* file and label; received \\[\\]"),
    "semicolons": ({**ONE, "a.csv": b"file;label\n"}, "by commas, .*received \\['file;label'\\]"),
    "no rows": ({**ONE, "a.csv": table()}, "1 to 20,000 digits; received 0"),
    "wide": ({**ONE, "b.png": png(np.zeros((1, 2049), "u1")), "a.csv": DRAWN}, "2,049 x 1"),
    "drawing": ({**ONE, "b.png": b"GIF8", "a.csv": DRAWN}, "'b.png', which is of another kind"),
    "not text": ({**ONE, "a.csv": b"\xff\xfe\0f"}, "begin with its column names"),
    "long cell": ({**ONE, "a.csv": table("a" * 200_000)}, "damaged"),
}
ROWS = {
    "a.png,7,1\na.png,7,1": "received 'a.png' in row 3 of 'a.csv', which is listed before",
    "a.png,7,1,a.png": "each drawing in a table .* which is listed before: correct it",
    "c.png,7": "'c.png' in row 2 of 'a.csv', which is not in the zip",
    ",7": "received '' in row 2",
    "../a.png,7": "'../a.png' in row 2",
    "/etc/passwd,7": "'/etc/passwd' in row 2",
    "a.png,ten,1": "0 to 9; received 'ten' in row 2",
    "a.png,10,1": "received '10'",
    "a.png,-1,1": "received '-1'",
    "a.png,7.0,1": "received '7.0'",
    "a.png,٣,1": "label must be a whole number",
    "a.png": "label must be .* received '' in row 2",
    "a.png,7,Ada": "writer must be .* received 'Ada'",
    "a.png,7,0": "1 to 2,147,483,647; received '0'",
    "a.png,7,2147483648": "received '2147483648'",
    "a.png,7": "writer must be .* received ''",
}
BAD |= {row: ({**ONE, "a.csv": table(row, head=HEAD)}, words) for row, words in ROWS.items()}


@pytest.mark.parametrize("name", BAD)
def test_bad_pictures_give_a_sentence(name):
    files, words = BAD[name]
    with pytest.raises(DigitSetError, match=words) as caught:
        read_digits("a.zip", zipped(files))
    assert len(str(caught.value)) < 400


TEXT = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(900_000), 9)) * 20
WIDE = ",".join(["file", "label", "x" * 9, *["y"] * 1_000_000]).encode() + b"\n" + b"a\n" * 20_000


@pytest.mark.parametrize(
    ("files", "refused"),
    [
        ({f"5/{at}.png": ONE["a.png"][:33] + TEXT + ONE["a.png"][33:] for at in range(100)}, False),
        ({**ONE, "a.csv": WIDE}, True),
        ({**ONE, "a.csv": b"file,label\n" + b"\n" * 4_000_000}, True),
    ],
    ids=["text to unpack", "a wide table", "empty lines"],
)
def test_what_is_small_takes_little_memory(files, refused):
    """With its texts the first one would unpack to 1.8 GB; the second has 20 billion cells."""
    data = zipped(files)
    tracemalloc.start()
    try:
        if refused:
            with pytest.raises(DigitSetError):
                read_digits("a.zip", data)
        else:
            assert len(read_digits("a.zip", data).labels) == 100
        assert tracemalloc.get_traced_memory()[1] < 150 * 2**20
    finally:
        tracemalloc.stop()
