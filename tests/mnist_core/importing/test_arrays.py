"""Weights of a file become float32."""

import h5py
import numpy as np
import pytest

from mnist_core.importing import reader
from tests.mnist_core.importing.bad_weights import with_weights


@pytest.mark.parametrize("kind", ["f2", "f8", ">f4"])
def test_other_floats_become_float32(good, kind):
    def change(file: h5py.File) -> None:
        for name in ("layers/conv2d/vars/0", "layers/dense/vars/1"):
            values = file[name][()]
            del file[name]
            file[name] = values.astype(kind)

    _, _, before = reader.read(good.keras, None)
    _, _, after = reader.read(with_weights(good, change), None)
    for name, values in after.items():
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, before[name], rtol=1e-3, atol=1e-6)
