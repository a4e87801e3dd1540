"""Hostile input, and what must come of it: a value or a sentence. For the tests and for long runs.

Each target takes one input and returns what became of it, `accepted` or the refusal; whatever else
happens is an error.
"""

import io
import json
import re
import struct
import unicodedata
import zlib
from collections.abc import Callable

import numpy as np
from hypothesis import HealthCheck
from hypothesis import strategies as st
from PIL import Image

from mnist_core.dataset import mnist
from mnist_core.dataset.preprocessing import prepare
from mnist_core.experiments.search_space import Range, Space, Study
from mnist_core.network.notation import parse, write
from mnist_core.network.presets import find
from mnist_core.network.query import from_query, to_query
from mnist_core.network.settings import SETTINGS
from mnist_core.network.spec import Spec
from mnist_core.teaching.lessons import reader
from mnist_core.teaching.lessons.lesson import LessonError
from mnist_core.utils.errors import MnistError

ACCEPTED = "accepted"
UNCHECKED = (
    HealthCheck.too_slow,
    HealthCheck.data_too_large,
    HealthCheck.large_base_example,
    HealthCheck.filter_too_much,
)
"""Long inputs are the point."""
LONGEST = 700  # characters of an error: some list all settings

MARKUP = re.compile(r"\]\(|\*\*|~~|\$|://|:material/|:red\[|!\[|`\[|</")


def _refused(error: Exception) -> str:
    """What was refused, once its sentence is fit for a page."""
    words = str(error).replace("[Open Data](data?set=test)", "")  # our own, of lessons
    assert 0 < len(words) <= LONGEST, f"an error of {len(words):,} characters"
    assert not any(unicodedata.category(c)[0] == "C" for c in words), f"control: {words!r}"
    assert not MARKUP.search(words), f"markup: {words!r}"
    return words


def notation(text: str) -> str:
    try:
        network = parse(text)
    except MnistError as error:
        return _refused(error)
    assert parse(write(network)) == network
    return ACCEPTED


def specs(text: str | bytes) -> str:
    """JSON of a spec or of a study."""
    told = [_json(kind, text) for kind in (Spec, Study)]
    return ACCEPTED if ACCEPTED in told else min(told, key=lambda words: "is missing" in words)


def _json(kind: type[Spec] | type[Study], text: str | bytes) -> str:
    try:
        value = kind.from_json(text)
    except MnistError as error:
        return _refused(error)
    assert kind.from_json(value.to_json()) == value
    return ACCEPTED


def link(query: dict[str, str]) -> str:
    try:
        spec = from_query(query)
    except MnistError as error:
        return _refused(error)
    assert from_query(to_query(spec)) == spec
    return ACCEPTED


def image(data: bytes) -> str:
    try:
        digit = prepare(data)[0].image
    except MnistError as error:
        return _refused(error)
    assert digit.shape == (28, 28)
    assert digit.dtype == np.uint8
    assert digit.max() == 255
    return ACCEPTED


def lesson(text: str) -> str:
    try:
        reader.parse_lesson("name", text, frozenset({"data", "build"}), frozenset({"set"}))
    except LessonError as error:
        return _refused(error)
    return ACCEPTED


ODD = (
    *(
        "",
        "0",
        "-1",
        "²",
        "٣",
        "１",
        "1_0",
        "9" * 400,
        "9" * 5000,
        "0" * 5000 + "8",
        "1e999",
        "nan",
    ),
    *("-0.0", "5e-324", "\0", "\x1b[31m", "\u202e", "\ufeff", "\u212a", "ſ", "🙂", "true", "null"),
    *("[a](http://b.c)", "**a**", "`a`", "$a$", ":material/home:", ":red[a]", "<b>", "www.a.b"),
    *("../../etc/passwd", "x" * 100_000, "{" * 3000, "a" * 60 + "![i](//u)"),
)
odd = st.one_of(st.sampled_from(ODD), st.text(max_size=20))
numbers = st.one_of(st.integers(0, 30).map(str), st.integers().map(str), st.floats().map(repr), odd)

_words = st.one_of(
    st.sampled_from(["C8", "C32k5s2same", "C4bntanhl2=0.01", "M", "A3s2", "GAP", "F", "F D16"]),
    st.tuples(st.sampled_from(["C", "M", "A", "D", "Drop", "k", "s", "l2="]), numbers).map("".join),
    odd,
)
_good = st.lists(
    st.sampled_from(["C8", "C32k5s2same", "C4bntanhl2=0.01", "M", "A3s2", "BN", "Drop0.2"]),
    max_size=12,
).map(lambda words: " ".join([*words, "F D16 Drop.5"]))
_spaces = st.sampled_from([" ", ",", "\t", "\n", "\u00a0", "\u2028", ""])
notations = st.one_of(
    _good,
    _good.flatmap(lambda text: _mutated(text)),
    st.lists(st.tuples(_words, _spaces).map("".join), max_size=30).map("".join),
    st.tuples(st.sampled_from(["BN ", "F ", "M,", "C8same "]), st.integers(0, 200_000)).map(
        lambda pair: f"{pair[0] * pair[1]}F"
    ),
    st.text(max_size=60),
)


def _mutated(text: str) -> st.SearchStrategy[str]:
    """A text with a few places replaced, doubled or left out."""
    place = st.integers(0, len(text))
    change = st.tuples(place, st.integers(0, 30), odd)

    def apply(changes: list[tuple[int, int, str]]) -> str:
        made = text
        for at, length, new in changes:
            made = made[:at] + new + made[at + length :]
        return made

    return st.lists(change, max_size=4).map(apply)


_PLAIN = find("note-5")
_STUDY = Study(base=_PLAIN, space=Space(learning_rate=Range(low=0.001, high=0.1), filters=(4, 8)))
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | odd,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def _swapped(draw: st.DrawFn) -> str:
    """A good value with one or two parts of it replaced, or with one too many."""
    whole = json.loads(draw(st.sampled_from([_PLAIN, _STUDY])).to_json())
    for _ in range(draw(st.integers(1, 2))):
        part = whole
        while True:
            keys = list(part) if isinstance(part, dict) else list(range(len(part)))
            if not keys:
                break
            key = draw(st.sampled_from(keys))
            if isinstance(part[key], dict | list) and draw(st.booleans()):
                part = part[key]
                continue
            if isinstance(part, dict) and draw(st.integers(0, 3)) == 0:
                key = draw(odd)
            part[key] = draw(_VALUES)
            break
    return json.dumps(whole)


jsons = st.one_of(
    _swapped(),
    _mutated(_PLAIN.to_json()),
    _mutated(_STUDY.to_json()),
    _VALUES.map(json.dumps),
    st.binary(max_size=60),
    st.tuples(st.sampled_from(['{"network":', "[", '{"a":[']), st.integers(1, 20_000)).map(
        lambda pair: pair[0] * pair[1]
    ),
)

queries = st.dictionaries(
    st.one_of(st.sampled_from(SETTINGS), odd),
    st.one_of(numbers, st.booleans().map(str)),
    max_size=5,
).flatmap(
    lambda given: st.one_of(st.just("C8 M F D16"), st.just("note-1"), notations).map(
        lambda network: given | {"network": network}
    )
)


def _encode(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def png(head: tuple[int, int, int, int, int], rows: bytes, extra: bytes = b"") -> bytes:
    """A PNG whose checksums are right. head: width, height, bits, colour, interlace."""
    width, height, bits, colour, interlace = head
    head_bytes = struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlace)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head_bytes)
        + extra
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


def _files() -> list[bytes]:
    """Small good files of every type that is read, some of them animated."""
    picture = Image.fromarray(mnist.load().x_test[3]).resize((40, 40))
    blank = Image.new("L", picture.size)
    modes = {
        "PNG": ("1", "L", "LA", "P", "RGBA", "I;16"),
        "JPEG": ("L", "RGB", "CMYK"),
        "TIFF": ("1", "L", "CMYK", "F"),
    }
    made = []
    for kind in ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF"):
        made += [_encode(picture.convert(mode), kind) for mode in modes.get(kind, ("L", "RGB"))]
    for kind in ("PNG", "GIF", "WEBP", "TIFF"):
        made.append(_encode(picture, kind, save_all=True, append_images=[blank, picture]))
    made.append(_encode(picture, "TIFF", compression="tiff_lzw"))
    return made


_FILES = _files()


@st.composite
def _damaged(draw: st.DrawFn) -> bytes:
    """A good file with some bytes changed, most of them near its front, spliced, or cut."""
    made = bytearray(draw(st.sampled_from(_FILES)))
    for _ in range(draw(st.integers(1, 8))):
        reach = draw(st.sampled_from([40, 200, len(made)]))
        new = draw(st.one_of(st.sampled_from([b"\0", b"\xff", b"\xff\xff\xff\x7f"]), st.binary()))
        at = draw(st.integers(0, min(reach, len(made))))
        made[at : at + draw(st.sampled_from([0, 1, len(new)]))] = new
    if draw(st.integers(0, 4)) == 0:
        del made[draw(st.integers(0, len(made))) :]
    return bytes(made)


_sides = st.one_of(st.integers(0, 60), st.sampled_from([5400, 60_000, 2**31 - 1, 2**32 - 1]))
_chunks = st.lists(
    st.tuples(
        st.sampled_from([b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"acTL", b"fcTL", b"gAMA", b"zTXt"]),
        st.binary(max_size=60),
    ).map(lambda pair: chunk(*pair)),
    max_size=3,
).map(b"".join)
_heads = st.tuples(
    _sides, _sides, st.sampled_from([1, 2, 4, 8, 16, 3]), st.integers(0, 7), st.integers(0, 2)
)
images = st.one_of(
    _damaged(),
    st.builds(png, _heads, st.binary(max_size=3000), _chunks),
    st.binary(max_size=100),
)

LESSON = """---
title: A lesson
order: 3
minutes: 45
about: One sentence.
start:
  network: note-5
  epochs: 2
task: Train it.
check:
  kind: run
  epochs: 2
---
Words.
## Look
[Open Data](data?set=test)
Read: a
Do: b
See: c
## Build
Read: a
Do: b
See: c
"""
lessons = st.one_of(
    _mutated(LESSON),
    st.tuples(st.sampled_from(["start", "check", "title", "order"]), _VALUES).map(
        lambda pair: LESSON.replace(f"{pair[0]}:", f"{pair[0]}: {json.dumps(pair[1])}\nx:")
    ),
    st.text(max_size=80).map(lambda text: f"---\n{text}\n---\n{text}"),
)

TARGETS: dict[str, tuple[Callable[..., str], st.SearchStrategy]] = {
    "notation": (notation, notations),
    "json": (specs, jsons),
    "link": (link, queries),
    "images": (image, images),
    "lessons": (lesson, lessons),
}
"""By name: what takes an input, and where inputs come from."""
