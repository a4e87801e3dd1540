"""Makers of files that are no network for this app: damaged, hostile, or only different.

Each takes what plain Keras wrote of a good network and gives bytes; `BAD` has with each a part of
the sentence that refuses it.
"""

import pickle
import stat
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import Any


@dataclass(frozen=True)
class Good:
    """One network as plain Keras saves it: whole in both formats, and its weights alone."""

    keras: bytes
    h5: bytes
    weights: bytes


Maker = Callable[[Good], bytes]
BAD: dict[str, tuple[Maker, str]] = {}


def bad(sentence: str) -> Callable[[Maker], Maker]:
    def add(maker: Maker) -> Maker:
        BAD[maker.__name__] = maker, sentence
        return maker

    return add


def members(good: Good) -> dict[str, bytes]:
    with zipfile.ZipFile(BytesIO(good.keras)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def pack(parts: dict[Any, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    buffer = BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@bad("must not be empty")
def empty_file(good: Good) -> bytes:
    return b""


@bad("at most 25 MB")
def too_large(good: Good) -> bytes:
    return good.keras + bytes(26 * 2**20)


@bad("this is neither")
def text(good: Good) -> bytes:
    return b"Dear students, here is my network."


@bad("a Python pickle, the format of old PyTorch files")
def pickle_in_disguise(good: Good) -> bytes:
    return pickle.dumps({"weights": [1.0, 2.0]})


@bad("a PNG image")
def image(good: Good) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(100)


@bad("is damaged")
def truncated_zip(good: Good) -> bytes:
    return good.keras[: len(good.keras) // 2]


@bad("must be whole")
def truncated_h5(good: Good) -> bytes:
    return good.h5[: len(good.h5) // 2]


@bad("is damaged")
def broken_checksum(good: Good) -> bytes:
    at = good.keras.index(b'"filters"')
    return good.keras[:at] + b'"Filters"' + good.keras[at + 9 :]


@bad("may unpack to 26,214,400 bytes; here it has 104,857,600 bytes")
def zip_bomb(good: Good) -> bytes:
    return pack(members(good) | {"model.weights.h5": bytes(100 * 2**20)}, zipfile.ZIP_DEFLATED)


@bad("damaged")
def zip_bomb_that_lies(good: Good) -> bytes:
    """It declares 1,000 bytes, in both of its headers."""
    data = pack(members(good) | {"model.weights.h5": bytes(100 * 2**20)}, zipfile.ZIP_DEFLATED)
    return data.replace(struct.pack("<L", 100 * 2**20), struct.pack("<L", 1000))


@bad("also has 'inner.zip'")
def nested_zip(good: Good) -> bytes:
    inner = pack({"zeros": bytes(2**20)}, zipfile.ZIP_DEFLATED)
    return pack(members(good) | {"inner.zip": inner})


@bad("also has '../../evil.py'")
def path_traversal(good: Good) -> bytes:
    return pack(members(good) | {"../../evil.py": b"print('gone')"})


@bad("also has '/tmp/evil.py'")
def absolute_path(good: Good) -> bytes:
    return pack(members(good) | {"/tmp/evil.py": b"print('gone')"})


@bad("5,000 members")
def many_members(good: Good) -> bytes:
    return pack({f"config.json{number}": b"" for number in range(5000)})


@bad("5,000 members")
def many_members_that_lie(good: Good) -> bytes:
    """It says that it has 3."""
    data = bytearray(many_members(good))
    data[-14:-10] = struct.pack("<2H", 3, 3)
    return bytes(data)


@bad("twice")
def duplicate_members(good: Good) -> bytes:
    parts = members(good)
    data = pack({name: part for name, part in parts.items() if name != "metadata.json"}
                | {"config.jsoX": parts["config.json"]})  # fmt: skip
    return data.replace(b"config.jsoX", b"config.json")


@bad("is encrypted")
def encrypted_zip(good: Good) -> bytes:
    data = bytearray(good.keras)
    at = data.index(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    return bytes(data)


@bad("is a link to another file")
def symlink_member(good: Good) -> bytes:
    link = zipfile.ZipInfo("model.weights.h5")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    parts = members(good)
    del parts["model.weights.h5"]
    return pack(parts | {link: b"/etc/passwd"})


@bad("packed by method 12")
def odd_compression(good: Good) -> bytes:
    return pack(members(good), zipfile.ZIP_BZIP2)


@bad("lacks model.weights.h5")
def no_weights_member(good: Good) -> bytes:
    parts = members(good)
    del parts["model.weights.h5"]
    return pack(parts)
