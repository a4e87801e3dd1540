"""Zips that nobody means well."""

import stat
import struct
import zipfile

import pytest

from mnist_core.importing.digit_files import read_digits
from tests.mnist_core.digit_sets import check_refusal, png, sample, zipped

IMAGE = png(sample(1).images[0])
GOOD = {"5/a.png": IMAGE}
BOMB = zipped({"y.npy": b"", "x.npy": bytes(200 * 2**20)})


def link() -> bytes:
    member = zipfile.ZipInfo("5/b.png")
    member.create_system, member.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    return zipped({**GOOD, member: b"/etc/passwd"})  # type: ignore[dict-item]


def encrypted() -> bytes:
    data = bytearray(zipped(GOOD))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


BAD = {
    "above": (zipped({**GOOD, "../../5/b.png": IMAGE}), r"stay inside it; this one has '../../5"),
    "absolute": (zipped({**GOOD, "/5/b.png": IMAGE}), "stay inside it"),
    "windows": (zipped({**GOOD, "..\\5\\b.png": IMAGE}), "stay inside it"),
    "drive": (zipped({**GOOD, "C:\\b.png": IMAGE}), "stay inside it"),
    "link": (link(), "'5/b.png' is a link to another file"),
    "encrypted": (encrypted(), "'5/a.png' is encrypted"),
    "method": (zipped(GOOD, zipfile.ZIP_BZIP2), "packed by method 12"),
    "twice": (
        zipped({**GOOD, "5/b.png": IMAGE}).replace(b"5/b.png", b"5/a.png"),
        "'5/a.png' twice",
    ),
    "many": (zipped({f"5/{at}.png": b"" for at in range(40_101)}), "this one has 40,101"),
    "bomb": (BOMB, "unpack to at most 128 MB; this one would have 200 MB"),
    "bomb that lies": (
        BOMB.replace(struct.pack("<L", 200 * 2**20), struct.pack("<L", 1000)),
        "damaged",
    ),
    "large picture": (zipped({"5/a.png": bytes(2**20 + 1)}), "at most 1,048,576 bytes"),
    "large table": (zipped({**GOOD, "a.csv": bytes(2**22 + 1)}), "at most 4,194,304 bytes"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_zip_gives_a_sentence_and_takes_no_memory(name):
    data, words = BAD[name]
    check_refusal(data, words, 300)


def test_a_file_without_a_name_is_no_picture():
    data = zipped({**GOOD, "x": b""}).replace(b"x", b"\0")
    assert read_digits("a.zip", data).labels.tolist() == [5]


def test_what_operating_systems_add_does_not_matter():
    """Nor does what Windows makes of the paths."""
    extra = {"__MACOSX/5/._a.png": b"Mac OS X", "5/.DS_Store": b"\0", "5/._a.png": b"\0", "5/": b""}
    assert read_digits("a.zip", zipped({**extra, **GOOD})).labels.tolist() == [5]
    assert read_digits("a.zip", zipped({"set\\5\\a.png": IMAGE})).labels.tolist() == [5]
