"""The checks that every uploaded zip must pass before anything is unpacked."""

import stat
import struct
import zipfile
import zlib

from mnist_core.utils.text import short_repr

DAMAGE = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, ValueError)
DAMAGE += (OverflowError, RuntimeError)
"""What reading a damaged zip may raise."""


def count_members(data: bytes) -> int:
    """Return how many members a zip lists: zipfile would first read a list of any length."""
    return data.count(b"PK\x01\x02")


def find_fault(member: zipfile.ZipInfo) -> str:
    """Return why a member is not read, as the end of a sentence; empty if it can be."""
    name = short_repr(member.filename)
    if stat.S_ISLNK(member.external_attr >> 16):
        return f"in this one {name} is a link to another file"
    if member.flag_bits & 1:
        return f"in this one {name} is encrypted"
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return f"in this one {name} is packed by method {member.compress_type}"
    return ""


def read(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes | None:
    """Return a member's bytes; None if there are more than `most`, whatever its header says."""
    with archive.open(member) as file:
        data = file.read(most + 1)
    return data if len(data) <= most else None
