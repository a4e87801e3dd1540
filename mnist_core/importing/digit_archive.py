"""The zip of a set of digits, opened within limits, and the parts that are read from it."""

import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import PurePosixPath
from typing import IO, NoReturn

import numpy as np

from mnist_core.dataset.digit_set import MOST_DIGITS, DigitSetError
from mnist_core.importing import zips
from mnist_core.utils.text import short_repr

MAX_UNPACKED = 128 * 2**20  # MOST_DIGITS images as float64, and their labels
MANY = 2 * MOST_DIGITS + 100  # members: image and drawing of each digit


@dataclass(frozen=True, eq=False)
class Part:
    """Some digits of a file, arrays as in `DigitSet`; writers: None where the file names none."""

    images: np.ndarray
    labels: np.ndarray
    writers: np.ndarray | None
    drawings: tuple[bytes, ...]


class Archive:
    """The files of a zip in memory; names: without folders and hidden files (.DS_Store).

    Raises DigitSetError where a member must not be read, and what `zips.DAMAGE` lists on damage.
    """

    def __init__(self, data: bytes) -> None:
        count = zips.count_members(data)  # before zipfile reads the list
        if count > MANY:
            _refuse(f"this one has {count:,}", f"have at most {MANY:,} files")
        self._zip = zipfile.ZipFile(BytesIO(data))
        self._members = dict[str, zipfile.ZipInfo]()
        for member in self._zip.infolist():
            if not member.filename.endswith("/"):
                self._add(member)
        size = sum(member.file_size for member in self._members.values())
        if size > MAX_UNPACKED:
            _refuse(
                f"this one would have {size / 2**20:,.0f} MB",
                f"unpack to at most {MAX_UNPACKED // 2**20} MB",
            )
        self.names = [*self._members]

    def _add(self, member: zipfile.ZipInfo) -> None:
        name = member.filename.replace("\\", "/")  # as some programs on Windows write it
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or ":" in name:
            _refuse(f"this one has {short_repr(name)}", "have paths that stay inside it")
        if path.parts[:1] == ("__MACOSX",) or path.name.startswith("."):
            return
        if name in self._members:
            _refuse(f"this one has {short_repr(name)} twice", "have each file once")
        if found := zips.find_fault(member):
            _refuse(found, "have plain files only")
        self._members[name] = member

    def __contains__(self, name: object) -> bool:
        return name in self._members

    def open(self, name: str) -> IO[bytes]:
        """Return a file of the zip, to be read in pieces."""
        return self._zip.open(self._members[name])

    def read(self, name: str, most: int) -> bytes:
        """Return the bytes of a file of the zip. Raises DigitSetError if there are more."""
        data = zips.read(self._zip, self._members[name], most)
        if data is None:
            raise DigitSetError(
                f"{short_repr(name)} may have at most {most:,} bytes; received more: save it "
                "smaller"
            )
        return data


def _refuse(found: str, rule: str) -> NoReturn:
    raise DigitSetError(
        f"the zip of a set of digits must {rule}; {found}: pack only its files, into a new zip"
    )
