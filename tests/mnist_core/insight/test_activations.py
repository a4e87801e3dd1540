"""Activations against Keras."""

from typing import get_args

import keras
import numpy as np
import pytest

from mnist_core.insight.activations import activation
from mnist_core.network.layers import (
    Activation,
)


@pytest.mark.parametrize("name", get_args(Activation))
def test_activations_are_keras_own(name):
    z = np.concatenate([np.linspace(-9, 9, 91), [-100, 100, 0]]).astype(np.float32)
    theirs = keras.activations.get(name)(z)
    np.testing.assert_allclose(activation(name, z), theirs, rtol=1e-5, atol=1e-6)
