"""Flatten against Keras."""

import keras
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from mnist_core.teaching.concepts import flatten

RNG = np.random.default_rng(7)
QUICK = settings(max_examples=10, deadline=None)


@QUICK
@given(st.tuples(*[st.integers(1, 6)] * 3), st.data())
def test_flatten_is_keras_own(shape, data):
    block = RNG.normal(size=shape).astype(np.float32)
    row = np.array(keras.layers.Flatten()(block[None]))[0]
    place = tuple(data.draw(st.integers(0, side - 1)) for side in shape)
    number = flatten.index(place, shape)
    assert row[number] == block[place]
    assert flatten.place(number, shape) == place
    assert flatten.indices(shape)[place] == number
