"""Named arrays as bytes and back, in NumPy's .npz format; never a pickle."""

import hashlib
from collections.abc import Mapping
from io import BytesIO

import numpy as np
from numpy.typing import NDArray


def pack(arrays: Mapping[str, NDArray[np.generic]]) -> bytes:
    """Return named arrays as the bytes of one uncompressed .npz file."""
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, np.ndarray]:
    """Return the named arrays of a .npz file. Raises ValueError on arrays of Python objects."""
    with np.load(BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def fingerprint(arrays: Mapping[str, NDArray[np.generic]]) -> str:
    """Return 16 hexadecimal digits of a SHA-256 over the names, shapes, types and values of arrays.

    The order of the names does not matter.
    """
    found = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        found.update(f"{name} {array.shape} {array.dtype.str}\n".encode())
        found.update(np.ascontiguousarray(array).tobytes())
    return found.hexdigest()[:16]
