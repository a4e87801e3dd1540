"""Copies of a network, training or split with one thing changed, as a search needs them."""

from collections.abc import Iterable, Mapping

from mnist_core.network.layers import AnyLayer, Conv2D, Dense, Dropout, Residual
from mnist_core.network.optimizers import OWN_SETTINGS, owners
from mnist_core.network.spec import Network, Split, Training
from mnist_core.network.value import SpecError

NEW_UNITS = 64  # of added hidden layers if the network has none to copy


def count_layers(kind: type[AnyLayer], layers: Iterable[AnyLayer]) -> int:
    """Return how many of the layers are of a kind."""
    return sum(isinstance(layer, kind) for layer in layers)


def hidden_positions(network: Network) -> list[int]:
    """Return the positions of the Dense layers that work on vectors, not on channels."""
    pairs = zip(network.layers, network.shapes(), strict=False)
    return [
        index
        for index, (layer, inputs) in enumerate(pairs)
        if isinstance(layer, Dense) and len(inputs) == 1
    ]


def with_hidden_layers(network: Network, number: int) -> Network:
    """Return the network with `number` hidden Dense layers.

    They are copies of the first one and of the layers that follow it; if there is none, they are
    new.
    """
    layers, found = network.layers, hidden_positions(network)
    if found:
        first, following = [*found, len(layers)][:2]
        return _network(*layers[:first], *layers[first:following] * number)
    vector = [len(shape) for shape in network.shapes()].index(1)
    return _network(*layers[:vector], *[Dense(units=NEW_UNITS)] * number, *layers[vector:])


def with_filters(network: Network, filters: int) -> Network:
    """Return the network with `filters` in the first convolution, the others in proportion."""
    _needs_convolution(network)
    first = next(layer.filters for layer in network.layers if isinstance(layer, Conv2D))
    return _network(*(_scaled(layer, filters / first) for layer in network.layers))


def with_convolutions(network: Network, number: int) -> Network:
    """Return the network with `number` convolutions in place of each; added ones keep the size."""
    _needs_convolution(network)
    return _network(*(copy for layer in network.layers for copy in _repeated(layer, number)))


def with_dropout(network: Network, rate: float) -> Network:
    """Return the network with `rate` in every Dropout, or in a new last one if it has none."""
    new = Dropout(rate=rate)
    layers = [new if isinstance(layer, Dropout) else layer for layer in network.layers]
    return _network(*layers) if new in layers else _network(*layers, new)


def with_settings(training: Training, settings: Mapping[str, object]) -> Training:
    """Return the training with other settings, including those of the augmentation.

    Settings that the optimizer does not have are reset.
    """
    values = training.model_dump()
    for name, value in settings.items():
        part = values["augmentation"] if name in values["augmentation"] else values
        part[name] = value
    for name in OWN_SETTINGS:
        if values["optimizer"] not in owners(name):
            values[name] = Training.model_fields[name].default
    return Training.model_validate(values)


def with_images(split: Split, images: int) -> Split:
    """Return the split over `images` images, with the same share of them held out."""
    count = min(max(1, round(split.count * images / split.images)), images - 1)
    return Split.model_validate(split.model_dump() | {"limit": images, "count": count})


def _network(*layers: AnyLayer) -> Network:
    return Network(layers=layers)


def _needs_convolution(network: Network) -> None:
    if not count_layers(Conv2D, network.layers):
        raise SpecError(
            "a search over filters or convolutions needs a convolution, but the network has none: "
            "add one, or leave them out of the search"
        )


def _scaled(layer: AnyLayer, share: float) -> AnyLayer:
    if not isinstance(layer, Conv2D | Residual):
        return layer
    filters = max(1, round(layer.filters * share))
    return type(layer).model_validate(layer.model_dump() | {"filters": filters})


def _repeated(layer: AnyLayer, number: int) -> list[AnyLayer]:
    if not isinstance(layer, Conv2D):
        return [layer]
    added = Conv2D.model_validate(layer.model_dump() | {"padding": "same", "strides": 1})
    return [layer, *[added] * (number - 1)]
