"""Which layers of a network can start from the weights of another one."""

from collections.abc import Iterator, Mapping

from mnist_core.network.layers import Shape
from mnist_core.network.spec import Network, Spec
from mnist_core.network.value import SpecError

Shapes = Mapping[str, Shape]
"""The shapes of weights by name, such as conv2d_1/kernel."""


def weight_shapes(network: Network) -> dict[str, Shape]:
    """Return the shapes of all weights of a network by name."""
    return {weight: shape for _, own in _by_layer(network) for weight, shape in own.items()}


def shared_layers(network: Network, source: Shapes) -> tuple[list[str], list[str]]:
    """Return the layers that can take over weights, and the other layers with weights.

    A layer takes over the weights of the source's layer of the same name if all shapes agree.
    source: the shapes of the weights to start from.
    """
    shared: list[str] = []
    others: list[str] = []
    for name, shapes in _by_layer(network):
        fits = all(source.get(weight) == shape for weight, shape in shapes.items())
        (shared if fits else others).append(name)
    return shared, others


def check_transfer(spec: Spec, source: Shapes) -> None:
    """Raise SpecError unless a network can start from weights with these shapes."""
    shared, others = shared_layers(spec.network, source)
    if not shared:
        raise SpecError(
            "no layer matches the source network in both name and shape: choose another run, or "
            "start from random weights"
        )
    for name in spec.frozen:
        if name in others:
            raise SpecError(
                f"{name} has a different shape in the source network, so freezing it would keep "
                "random weights: unfreeze it, or restore its shape"
            )


def _by_layer(network: Network) -> Iterator[tuple[str, dict[str, Shape]]]:
    """Yield the name of each layer with weights, and their shapes by full name."""
    for name, _, keras in network.keras_layers():
        if keras.weights:
            yield name, {f"{name}/{weight}": shape for weight, shape in keras.weights.items()}
