"""A dense layer against Keras."""

import keras
import numpy as np
import pytest

from mnist_core.teaching.concepts import dense
from mnist_core.teaching.concepts.tables import TableError

RNG = np.random.default_rng(7)


@pytest.mark.parametrize(("batch", "inputs", "units"), [(1, 1, 1), (3, 5, 2), (4, 2, 5)])
def test_dense_is_keras_own(batch, inputs, units):
    x, w, b = (RNG.normal(size=shape) for shape in ((batch, inputs), (inputs, units), (units,)))
    layer = keras.layers.Dense(units, dtype="float64")
    layer.build((batch, inputs))
    layer.set_weights([w, b])
    ours = dense.dense(x, w, b)
    np.testing.assert_allclose(ours.z, np.array(layer(x)), atol=1e-12)
    assert ours.parameters == layer.count_params()


def test_an_empty_cell_is_a_sentence():
    x, w, b = np.ones((2, 4)), np.ones((4, 3)), np.ones(3)
    w[1, 2] = np.nan
    with pytest.raises(TableError, match=r"every cell of W .* row 1, column 2 is empty"):
        dense.dense(x, w, b)
