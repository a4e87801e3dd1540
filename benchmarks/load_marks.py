"""A unique mark for each student's runs, and the search for other students' marks."""

import re
import struct

FIRST, SPACING = 0x72550000, 211  # seeds far apart, which no page uses by itself
MOST = 300

_TAIL = struct.pack("<d", FIRST)[-3:]  # the same bytes in all marks


def mark(student: int) -> int:
    """The seed that only this student trains with."""
    return FIRST + SPACING * student


_OF = {mark(student): student for student in range(MOST)}
_WORDS = re.compile(rb"19181[7-9]\d{4}|19182[0-3]\d{4}")
assert all(_WORDS.fullmatch(str(seed).encode()) for seed in _OF)


def students_in(data: bytes) -> set[int]:
    """Return the students whose marks are in a message: as digits, float64 or int64.

    Only whole marks count, since three bytes may occur in a picture by chance.
    """
    found = {_OF.get(int(digits)) for digits in _WORDS.findall(data)}
    for tail, size, form in ((_TAIL, 3, "<d"), (b"\x55\x72\0\0\0\0", 6, "<q")):
        at = data.find(tail)
        while at >= 0:
            begin = at + size - 8
            if begin >= 0:
                value = struct.unpack(form, data[begin : begin + 8])[0]
                found.add(_OF.get(int(value)) if value == value // 1 else None)
            at = data.find(tail, at + 1)
    return {student for student in found if student is not None}
