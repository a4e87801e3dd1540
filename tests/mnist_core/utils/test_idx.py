"""IDX files against the layout that MNIST's page publishes."""

import io
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from mnist_core.utils import idx


def test_the_files_are_those_that_mnists_page_describes():
    """[offset] type, value: 0 int 0x803, 4 images, 8 rows, 12 columns, 16 pixels row by row."""
    images = np.arange(2 * 28 * 28).reshape(2, 28, 28).astype(np.uint8)
    data = idx.pack(images)
    assert struct.unpack(">iiii", data[:16]) == (2051, 2, 28, 28)
    assert data[16:] == images.tobytes()
    assert idx.pack(np.array([5, 0, 4], np.uint8)) == bytes([0, 0, 8, 1, 0, 0, 0, 3, 5, 0, 4])
    assert idx.pack(np.array([258], np.int32)) == bytes([0, 0, 12, 1, 0, 0, 0, 1, 0, 0, 1, 2])


@given(
    st.sampled_from([np.uint8, np.int32]).flatmap(
        lambda dtype: arrays(dtype, array_shapes(max_dims=4, min_side=0, max_side=4))
    )
)
def test_arrays_come_back(array):
    file = io.BytesIO(idx.pack(array))
    dtype, shape = idx.read_header(file)
    assert shape == array.shape
    np.testing.assert_array_equal(np.frombuffer(file.read(), dtype).reshape(shape), array)


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\x08", b"\x1f\x8b\x08\x08", b"\0\0\x0d\x01\0\0\0\0", b"\0\0\x08\x03" * 2]
)
def test_other_files_are_refused(data):
    with pytest.raises(ValueError, match="an IDX file must"):
        idx.read_header(io.BytesIO(data))
