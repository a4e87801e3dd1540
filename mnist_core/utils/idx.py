"""Arrays as IDX files, the format of MNIST's own files, and back.

Source: "The MNIST database of handwritten digits", section "File formats",
http://yann.lecun.com/exdb/mnist/.
"""

import struct
from typing import IO

import numpy as np
from numpy.typing import NDArray

_TYPES = {0x08: np.dtype(">u1"), 0x0C: np.dtype(">i4")}
"""The types of the format that are used here: unsigned byte and int."""


def pack(array: NDArray[np.uint8] | NDArray[np.int32]) -> bytes:
    """Return an array as the bytes of an IDX file: magic number, sides, values, big-endian."""
    code = next(code for code, dtype in _TYPES.items() if dtype == array.dtype.newbyteorder(">"))
    head = struct.pack(f">HBB{array.ndim}I", 0, code, array.ndim, *array.shape)
    return head + array.astype(_TYPES[code]).tobytes()


def read_header(file: IO[bytes]) -> tuple[np.dtype[np.integer], tuple[int, ...]]:
    """Return dtype and shape of an IDX file; its values follow. Raises ValueError on other files.

    The sides are what the file says: check them before reading the values.
    """
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in _TYPES:
        raise ValueError(
            f"an IDX file must begin with 0, 0, its type (8 or 12) and its number of sides; "
            f"received {[*magic]}"
        )
    sides = file.read(4 * magic[3])
    if len(sides) < 4 * magic[3]:
        raise ValueError(
            f"an IDX file must have {magic[3]} sides; it ends after {len(sides)} bytes"
        )
    return _TYPES[magic[2]], struct.unpack(f">{magic[3]}I", sides)
