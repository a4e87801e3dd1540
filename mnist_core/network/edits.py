"""A network with more or fewer of something, trained otherwise: what a search changes."""

from collections.abc import Iterable
from typing import Any

from mnist_core.network.layers import AnyLayer, Conv2D, Dense, Dropout
from mnist_core.network.spec import Network, Split, Training
from mnist_core.network.value import SpecError

NEW_UNITS = 64  # of the hidden layers of a network that has none to copy


def count(kind: type[AnyLayer], layers: Iterable[AnyLayer]) -> int:
    """How many of the layers are of that kind."""
    return sum(isinstance(layer, kind) for layer in layers)


def hidden(network: Network) -> list[int]:
    """Positions of the Dense layers that work on vectors, not on the channels of an image."""
    pairs = zip(network.layers, network.shapes(), strict=False)
    return [
        index
        for index, (layer, inputs) in enumerate(pairs)
        if isinstance(layer, Dense) and len(inputs) == 1
    ]


def with_hidden(network: Network, number: int) -> Network:
    """So many hidden Dense layers: copies of the first one with what follows it, or new ones."""
    layers, found = network.layers, hidden(network)
    if found:
        first, following = [*found, len(layers)][:2]
        return _network(*layers[:first], *layers[first:following] * number)
    vector = [len(shape) for shape in network.shapes()].index(1)
    return _network(*layers[:vector], *[Dense(units=NEW_UNITS)] * number, *layers[vector:])


def with_filters(network: Network, filters: int) -> Network:
    """So many filters in the first convolution; the others keep their proportion to it."""
    _needs_convolution(network)
    first = next(layer.filters for layer in network.layers if isinstance(layer, Conv2D))
    return _network(*(_scaled(layer, filters / first) for layer in network.layers))


def with_convolutions(network: Network, number: int) -> Network:
    """So many convolutions in the place of each; those added keep height and width."""
    _needs_convolution(network)
    return _network(*(copy for layer in network.layers for copy in _in_a_row(layer, number)))


def with_dropout(network: Network, rate: float) -> Network:
    """That rate in every Dropout; in one before the output where there is none."""
    new = Dropout(rate=rate)
    layers = [new if isinstance(layer, Dropout) else layer for layer in network.layers]
    return _network(*layers) if new in layers else _network(*layers, new)


def with_settings(training: Training, settings: dict[str, Any]) -> Training:
    """Other settings, those of the augmentation among them.

    What the new optimizer does not have is left out: momentum but for sgd, weight decay but for
    adamw.
    """
    values = training.model_dump() | settings
    for name in values["augmentation"].keys() & settings.keys():
        values["augmentation"][name] = values.pop(name)
    if values["optimizer"] != "sgd":
        values |= {"momentum": 0.0, "nesterov": False}
    if values["optimizer"] != "adamw":
        values["weight_decay"] = None
    return Training.model_validate(values)


def with_images(split: Split, images: int) -> Split:
    """Fewer images, with as large a share of them held out. images: before the split."""
    count = min(max(1, round(split.count * images / split.images)), images - 1)
    return Split.model_validate(split.model_dump() | {"limit": images, "count": count})


def _network(*layers: AnyLayer) -> Network:
    return Network(layers=layers)


def _needs_convolution(network: Network) -> None:
    if not count(Conv2D, network.layers):
        raise SpecError(
            "filters and convolutions are settings of convolutions, but the network has none: add "
            "a convolution to it, or leave them out of the search"
        )


def _scaled(layer: AnyLayer, share: float) -> AnyLayer:
    if not isinstance(layer, Conv2D):
        return layer
    filters = max(1, round(layer.filters * share))
    return Conv2D.model_validate(layer.model_dump() | {"filters": filters})


def _in_a_row(layer: AnyLayer, number: int) -> list[AnyLayer]:
    if not isinstance(layer, Conv2D):
        return [layer]
    added = Conv2D.model_validate(layer.model_dump() | {"padding": "same", "strides": 1})
    return [layer, *[added] * (number - 1)]
