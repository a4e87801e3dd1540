"""Named arrays as bytes and back, in NumPy's own .npz; never a pickle."""

from collections.abc import Mapping
from io import BytesIO

import numpy as np


def pack(arrays: Mapping[str, np.ndarray]) -> bytes:
    """Arrays by name, as one uncompressed .npz."""
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(data: bytes) -> dict[str, np.ndarray]:
    """What `pack` packed."""
    with np.load(BytesIO(data), allow_pickle=False) as file:
        return {name: file[name] for name in file.files}
