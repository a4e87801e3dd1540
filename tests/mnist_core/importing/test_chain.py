"""A functional model that is a chain becomes a run that answers alike."""

import keras
import pytest

from mnist_core.importing import reader
from mnist_core.network.notation import write
from tests.mnist_core.importing.keras_files import check_same, images, saved

L = keras.layers


@pytest.mark.parametrize("shape", [(28, 28), (784,)])
@pytest.mark.parametrize("ending", [".keras", ".h5"])
def test_a_chain_of_the_functional_kind_and_images_without_channel(tmp_path, shape, ending):
    given = keras.Input(shape)
    hidden = L.Flatten()(given) if len(shape) == 2 else given
    hidden = L.Dense(9, activation="sigmoid")(hidden)
    model = keras.Model(given, L.Dense(10, activation="softmax")(hidden))
    spec, _, values = reader.read(saved(model, tmp_path, ending), None)
    assert write(spec.network) == "F D9sigmoid"
    check_same(model, spec, values, images(100).reshape(100, *shape))
