"""Arrays as bytes and back."""

from io import BytesIO

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from mnist_core.utils.npz import pack, unpack

DTYPES = st.sampled_from([np.float32, np.float16, np.uint8, np.int64, np.bool_])
SHAPES = array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
ARRAYS = DTYPES.flatmap(lambda dtype: arrays(dtype, SHAPES))
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,9}/[a-z]{1,9}", fullmatch=True)


@settings(max_examples=30)
@given(st.dictionaries(NAMES, ARRAYS, max_size=4))
def test_arrays_come_back_as_they_were(given_arrays):
    found = unpack(pack(given_arrays))
    assert found.keys() == given_arrays.keys()
    for name, array in given_arrays.items():
        assert found[name].dtype == array.dtype
        np.testing.assert_array_equal(found[name], array)


def test_what_is_packed_is_a_file_of_numpys():
    with np.load(BytesIO(pack({"ones": np.ones(3, np.float32)})), allow_pickle=False) as file:
        assert file.files == ["ones"]


def test_no_pickle_is_written_or_read():
    objects = np.array([{"a": 1}], dtype=object)
    with pytest.raises(ValueError, match="allow_pickle"):
        pack({"objects": objects})
    buffer = BytesIO()
    np.savez(buffer, objects=objects)
    with pytest.raises(ValueError, match="allow_pickle"):
        unpack(buffer.getvalue())
