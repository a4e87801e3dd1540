"""Named arrays as bytes and back, in NumPy's .npz format; never a pickle."""

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
