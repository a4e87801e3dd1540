"""Repairs of an invalid network; each one is checked before it is offered."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from mnist_core.network.layers import (
    AnyLayer,
    Flatten,
    GlobalAveragePooling2D,
    Pooling,
    Windowed,
)
from mnist_core.network.spec import Network
from mnist_core.network.summary import DEFAULT_LIMITS, Limits, check_limits
from mnist_core.network.value import SpecError

AT_MOST = 3
TRIES = 200  # pairs of changes that are checked; a deep network has thousands
Layers = tuple[AnyLayer, ...]


@dataclass(frozen=True)
class Repair:
    """A change as a button names it, and the layers after the change, which are valid."""

    words: str
    layers: Layers


def problem(layers: Layers, limits: Limits = DEFAULT_LIMITS) -> SpecError | None:
    """Return the error of these layers as a network within the limits; None if they are valid."""
    try:
        check_limits(Network(layers=layers), limits)
    except SpecError as error:
        return error
    return None


def repairs(layers: Layers, limits: Limits = DEFAULT_LIMITS) -> list[Repair]:
    """Return up to three changes that make the network valid, the smallest first.

    Empty if the network is valid already.
    """
    error = problem(layers, limits)
    if error is None:
        return []
    steps = list(_steps(layers, error.layer))
    found = [step for step in steps if problem(step.layers, limits) is None]
    if not found:  # two changes may do what one cannot
        pairs = (pair for step in steps for pair in _pairs(step, limits))
        found = [pair for pair in islice(pairs, TRIES) if problem(pair.layers, limits) is None]
    return _different(found)[:AT_MOST] or [_reduced(layers, limits)]


def _pairs(first: Repair, limits: Limits) -> Iterator[Repair]:
    """Yield a change that was not enough together with each possible second change."""
    error = problem(first.layers, limits)
    for second in _steps(first.layers, error.layer if error else None):
        yield Repair(f"{first.words}, then {_lower(second.words)}", second.layers)


def _steps(layers: Layers, at: int | None) -> Iterator[Repair]:
    """Yield single changes that may help. at: position of the invalid or missing layer."""
    if at is None:
        at = len(layers) - 1
    if at < len(layers):
        yield from _for_layer(layers, at)
    before = layers[:at]
    for index, layer in enumerate(before):
        if layer.makes_vector and at < len(layers):
            moved = (*before[:index], *before[index + 1 :], layers[at], layer, *layers[at + 1 :])
            yield Repair(f"Move {type(layer).__name__} behind layer {at + 1}", moved)
    yield Repair(f"Add Flatten as layer {at + 1}", (*before, Flatten(), *layers[at:]))
    pooled = GlobalAveragePooling2D()
    yield Repair(f"Add GlobalAveragePooling2D as layer {at + 1}", (*before, pooled, *layers[at:]))
    for index in reversed(range(len(before))):
        if layers[index].needs_image or layers[index].makes_vector:
            yield _without(layers, index)
    if at < len(layers):
        yield _without(layers, at)


def _for_layer(layers: Layers, at: int) -> Iterator[Repair]:
    """Yield changes of one setting of the layer itself."""
    layer = layers[at]
    if isinstance(layer, Windowed) and layer.padding == "valid":
        yield _with(layers, at, f"Use `same` padding in layer {at + 1}", padding="same")
    if layer.size and (half := getattr(layer, layer.size) // 2):
        yield _with(
            layers, at, f"Halve layer {at + 1} to {half} {layer.size}", **{layer.size: half}
        )
    if isinstance(layer, Pooling) and layer.pool_size > 2:
        yield _with(layers, at, f"Pool 2x2 in layer {at + 1}", pool_size=2, strides=None)


def _with(layers: Layers, at: int, words: str, **settings: object) -> Repair:
    changed = layers[at].model_copy(update=settings)
    return Repair(words, (*layers[:at], changed, *layers[at + 1 :]))


def _without(layers: Layers, at: int) -> Repair:
    words = f"Remove layer {at + 1}, {type(layers[at]).__name__}"
    return Repair(words, (*layers[:at], *layers[at + 1 :]))


def _reduced(layers: Layers, limits: Limits) -> Repair:
    """The last resort: keep each layer that is valid after those kept before it."""
    kept: Layers = ()
    for layer in layers:
        if problem(_with_vector((*kept, layer), limits), limits) is None:
            kept = (*kept, layer)
    return Repair("Remove every layer that cannot work", _with_vector(kept, limits))


def _with_vector(layers: Layers, limits: Limits) -> Layers:
    """Add the pooling that turns an image into the vector the output needs, if that is needed."""
    return layers if problem(layers, limits) is None else (*layers, GlobalAveragePooling2D())


def _different(found: list[Repair]) -> list[Repair]:
    """Drop repairs that lead to the same layers as an earlier one."""
    return list({repair.layers: repair for repair in reversed(found)}.values())[::-1]


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
