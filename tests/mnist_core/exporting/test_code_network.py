"""The code of a network builds the network that the app trains."""

from hypothesis import given, settings

from mnist_core.exporting.code import keras_code
from mnist_core.network.spec import Network, Spec
from mnist_core.training.model import build
from tests.mnist_core.exporting.scripts import essence, run
from tests.strategies import networks


@settings(max_examples=25)
@given(networks)
def test_any_network(network: Network):
    assert essence(run(keras_code(Spec(network=network)))) == essence(build(network))
