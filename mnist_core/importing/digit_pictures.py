"""Reads digits out of PNG files with a table of labels, or in a folder for each digit."""

import csv
import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import PurePosixPath

import numpy as np

from mnist_core.dataset.digit_set import DigitSetError, check_count, png_size
from mnist_core.dataset.images import DigitError, read_grey
from mnist_core.dataset.mnist import SIDE
from mnist_core.importing.digit_archive import Archive, Part
from mnist_core.network.layers import CLASSES
from mnist_core.utils.text import short_repr

MAX_PICTURE, MAX_TABLE = 2**20, 4 * 2**20  # bytes

_CHUNKS = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_COLUMNS = ("file", "label", "writer", "drawing")
_NEEDED = _COLUMNS[:2]


@dataclass(frozen=True)
class _Row:
    """One digit: the paths in the zip of its image and of its drawing, "" where unknown."""

    file: str
    label: int
    writer: int | None = None
    drawing: str = ""


def read_pictures(archive: Archive) -> Iterator[Part]:
    """Yield the digits of PNG files as one part, in the order of the table or of the zip.

    What a PNG says beside its pixels (text, place, color profile) is left out. Raises
    DigitSetError.
    """
    tables = [name for name in archive.names if name.lower().endswith(".csv")]
    if len(tables) > 1:
        raise DigitSetError(
            f"a zip of pictures may have one table; received {short_repr(tables)}: keep one of them"
        )
    rows = _from_table(archive, tables[0]) if tables else _from_folders(archive)
    check_count(len(rows))
    writers = [row.writer for row in rows if row.writer is not None]
    yield Part(
        np.stack([_image(archive, row.file) for row in rows]),
        np.array([row.label for row in rows], np.uint8),
        np.array(writers, np.int32) if len(writers) == len(rows) else None,
        tuple(_png(archive, row.drawing) if row.drawing else b"" for row in rows),
    )


def _from_folders(archive: Archive) -> list[_Row]:
    rows: list[_Row] = []
    for name in archive.names:
        if name.lower().endswith(".png"):
            folder = PurePosixPath(name).parent.name
            if not re.fullmatch("[0-9]", folder):
                raise DigitSetError(
                    "without a table, labels.csv, each picture must be in a folder named by its "
                    f"digit, 0 to 9; received {short_repr(name)}: move it, or add a table"
                )
            rows.append(_Row(name, int(folder)))
    return rows


def _from_table(archive: Archive, table: str) -> list[_Row]:
    """Return the digits that a table lists; its paths begin where the table is."""
    text = archive.read(table, MAX_TABLE).decode("utf-8-sig", "replace")
    lines = csv.reader(StringIO(text, newline=""))
    head = next(lines, [])
    if any(name not in head for name in _NEEDED):
        raise DigitSetError(
            f"the table must begin with its column names, separated by commas, among them "
            f"{' and '.join(_NEEDED)}; received {short_repr(head)}: save it in this form"
        )
    places = {name: head.index(name) for name in _COLUMNS if name in head}
    rows: list[_Row] = []
    seen = set[str]()
    for line in lines:
        if line:
            cells = {name: line[at] for name, at in places.items() if at < len(line)}
            where = f"row {lines.line_num} of {short_repr(table)}"
            rows.append(_row(archive, cells, "writer" in places, seen, (table, where)))
    return rows


def _row(
    archive: Archive,
    cells: dict[str, str],
    has_writers: bool,
    seen: set[str],
    place: tuple[str, str],
) -> _Row:
    """Return a row of a table. seen: the files of the rows before; place: table, and row in words.

    No file is listed twice, so that a small zip does not become a large set.
    """
    table, where = place
    paths = {"file": "", "drawing": ""}
    for column in paths:
        if cells.get(column) or column in _NEEDED:
            path = str(PurePosixPath(table).parent / cells.get(column, ""))
            if path not in archive or path in seen:
                found = "listed before" if path in seen else "not in the zip"
                raise DigitSetError(
                    f"each {column} in a table must be one picture of the zip; received "
                    f"{short_repr(cells.get(column, ''))} in {where}, which is {found}: correct it"
                )
            seen.add(path)
            paths[column] = path
    label = _whole(cells, "label", (0, CLASSES - 1), where)
    writer = _whole(cells, "writer", (1, 2**31 - 1), where) if has_writers else None
    return _Row(paths["file"], label, writer, paths["drawing"])


def _whole(cells: dict[str, str], column: str, limits: tuple[int, int], where: str) -> int:
    text = cells.get(column, "").strip()
    low, high = limits
    if not (re.fullmatch("[0-9]{1,10}", text) and low <= int(text) <= high):
        raise DigitSetError(
            f"{column} must be a whole number, {low} to {high:,}; received {short_repr(text)} in "
            f"{where}: correct it"
        )
    return int(text)


def _image(archive: Archive, name: str) -> np.ndarray:
    """Return a picture as uint8 (28, 28)."""
    data = _png(archive, name)
    if (size := png_size(data)) != (SIDE, SIDE):
        raise DigitSetError(
            f"a picture must have {SIDE}x{SIDE} pixels, as in MNIST; received "
            f"{short_repr(name)} of {size[0] if size else 0:,} x {size[1] if size else 0:,}: save "
            "it in this size"
        )
    try:
        return np.rint(read_grey(data)).astype(np.uint8)
    except DigitError as error:
        raise DigitSetError(f"{short_repr(name)}: {error}") from None


def _png(archive: Archive, name: str) -> bytes:
    """Return a PNG file with only the chunks of its pixels. Raises DigitSetError on other files.

    Other chunks may hold names and places, or unpack to a thousand times their size.
    """
    data = archive.read(name, MAX_PICTURE)
    kept, at = [data[:8]], 8
    if png_size(data):
        while at + 12 <= len(data):
            length, kind = struct.unpack(">I4s", data[at : at + 8])
            end = at + 12 + length
            if data[end - 4 : end] != struct.pack(">I", zlib.crc32(data[at + 4 : end - 4])):
                break
            if kind in _CHUNKS:
                kept.append(data[at:end])
            if kind == b"IEND":
                return b"".join(kept)
            at = end
    raise DigitSetError(
        f"a picture must be a whole PNG file; received {short_repr(name)}, which is "
        f"{'damaged' if png_size(data) else 'of another kind'}: save it again as PNG"
    )
