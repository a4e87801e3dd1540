"""What a process may hand back to its system, between two things that it does."""

import ctypes
import gc
import re
import sys
from collections.abc import Iterator
from pathlib import Path

DONT_NEED = 4  # Linux's MADV_DONTNEED
MAPPING = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r-[-x]p \S+ \S+ \S+ +/")


def release_memory() -> None:
    """Hand back what was freed and, of mapped files, what nobody may need again: on Linux.

    TensorFlow's libraries stay in memory whole once they are loaded, 390 MB, of which a training
    uses a part. Pages of it that are needed again come from the system's cache within microseconds.
    """
    gc.collect()
    if sys.platform != "linux":
        return
    library = ctypes.CDLL(None)
    if hasattr(library, "malloc_trim"):  # glibc
        library.malloc_trim(0)
    for start, end in list(_unchanged()):
        library.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), DONT_NEED)


def _unchanged() -> Iterator[tuple[int, int]]:
    """Where read-only parts of files are in memory just as they are on the disk."""
    place = None
    for line in Path("/proc/self/smaps").read_text().splitlines():
        if line[0] in "0123456789abcdef":
            found = MAPPING.match(line)
            place = (int(found[1], 16), int(found[2], 16)) if found else None
        elif place and line.startswith("Anonymous:") and line.split()[1] == "0":
            yield place
