"""The architecture of a network of the app comes back whole."""

from mnist_core.exporting.code import keras_code
from mnist_core.importing import reader
from mnist_core.network.notation import parse
from tests.mnist_core.importing.keras_files import check_same, saved


def test_a_network_of_ours_comes_back_whole(tmp_path):
    spec = reader.Spec(network=parse("C3bngelu A C4 BN M F Drop0.4 D7selu"))
    scope: dict = {}
    code = keras_code(spec).partition("model.compile")[0]
    exec(code, scope)
    data = saved(scope["model"], tmp_path, ".weights.h5")
    found, _, values = reader.read(data, spec.network)
    assert found.network == spec.network
    check_same(scope["model"], spec, values)
