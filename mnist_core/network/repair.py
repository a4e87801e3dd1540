"""Repairs of an invalid network; each one is checked before it is offered."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from mnist_core.network.layers import (
    AnyLayer,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Pooling,
    Windowed,
)
from mnist_core.network.spec import Network
from mnist_core.network.summary import DEFAULT_LIMITS, Limits, check_limits, summarize
from mnist_core.network.value import SpecError
from mnist_core.utils.text import format_shape

AT_MOST = 3
TRIES = 200  # pairs of changes that are checked; a deep network has thousands
Layers = tuple[AnyLayer, ...]


@dataclass(frozen=True)
class Repair:
    """A change as a button names it, and the layers after the change, which are valid."""

    words: str
    layers: Layers


def effect(before: Layers, after: Layers) -> str:
    """Return what a repair changes, in words: the last image, parameters and multiply-adds.

    after: valid layers. If the layers before do not fit together, only the new figures are given.
    """
    new = _figures(after)
    if not _fit(before):
        return " · ".join(f"{name} {value}" for name, value in new.items())
    pairs = zip(_figures(before).items(), new.values(), strict=True)
    return " · ".join(f"{name} {old} → {now}" for (name, old), now in pairs if old != now)


def _figures(layers: Layers) -> dict[str, str]:
    """Return the shape before the vector, the parameters and the multiply-adds of a network."""
    network = Network(layers=layers)
    summary, shapes = summarize(network), network.shapes()
    image = [shape for shape in shapes if len(shape) == 3][-1]
    return {
        "last image": format_shape(image),
        "parameters": f"{summary.parameters:,}",
        "multiply-adds": f"{summary.multiply_adds:,}",
    }


def problem(layers: Layers, limits: Limits = DEFAULT_LIMITS) -> SpecError | None:
    """Return the error of these layers as a network within the limits; None if they are valid."""
    try:
        check_limits(Network(layers=layers), limits)
    except SpecError as error:
        return error
    return None


def repairs(layers: Layers, limits: Limits = DEFAULT_LIMITS) -> list[Repair]:
    """Return up to three changes that make the network valid, the one that loses least first.

    A network that is too large gets smaller images before it loses units, and units before layers.
    Empty if the network is valid already.
    """
    error = problem(layers, limits)
    if error is None:
        return []
    steps = list(_steps(layers, error.layer))
    found = _smaller(layers, limits) if _fit(layers) else []
    found += [step for step in steps if problem(step.layers, limits) is None]
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
        same = (_same(layer) for layer in layers[: at + 1])
        yield Repair(f"Use `same` padding in layers 1 to {at + 1}", (*same, *layers[at + 1 :]))
    before = layers[:at]
    images = [later for later in range(at, len(layers)) if layers[later].needs_image]
    for index, layer in enumerate(before):
        if layer.makes_vector and at < len(layers):
            end = max(images, default=at) + 1
            moved = (*before[:index], *layers[index + 1 : end], layer, *layers[end:])
            yield Repair(f"Move {type(layer).__name__} after layer {end}", moved)
    yield Repair(f"Add Flatten as layer {at + 1}", (*before, Flatten(), *layers[at:]))
    pooled = GlobalAveragePooling2D()
    yield Repair(f"Add GlobalAveragePooling2D as layer {at + 1}", (*before, pooled, *layers[at:]))
    for index in reversed(range(len(before))):
        if layers[index].needs_image or layers[index].makes_vector:
            yield _without(layers, index)
    if at < len(layers):
        yield _without(layers, at)


def _fit(layers: Layers) -> bool:
    """Whether each layer can take the output of the layer before it, even over the limits."""
    try:
        Network(layers=layers)
    except SpecError:
        return False
    return True


def _smaller(layers: Layers, limits: Limits) -> list[Repair]:
    """Return repairs of a network that is too large; all of them keep its layers.

    Each makes as few changes of its kind as are enough: more poolings, strides of 2, or halves of
    filters and units.
    """
    kinds = _pooled(layers, limits), _strided(layers, limits), _halved(layers, limits)
    found = (
        next((step for step in steps if problem(step.layers, limits) is None), None)
        for steps in kinds
    )
    return [step for step in found if step]


def _pooled(layers: Layers, limits: Limits) -> Iterator[Repair]:
    """Yield more and more poolings: behind convolutions before the costly layer, or before it."""
    end = _costly(layers, limits)
    end = next((at for at, layer in enumerate(layers[:end]) if layer.makes_vector), end)
    if not any(layer.convolves for layer in layers[:end]):
        yield Repair(
            f"Pool 2x2 before layer {end + 1}", (*layers[:end], MaxPooling2D(), *layers[end:])
        )
    pooled, places = layers, list[int]()
    for at in reversed(range(end)):
        if layers[at].convolves and not isinstance(layers[at + 1], Pooling):
            places.append(at)
            pooled = (*pooled[: at + 1], MaxPooling2D(), *pooled[at + 1 :])
            yield Repair(f"Pool 2x2 after {_numbers(places)}", pooled)


def _strided(layers: Layers, limits: Limits) -> Iterator[Repair]:
    """Yield strides of 2 in more and more convolutions, the last one before the cost first."""
    last, strided = _costly(layers, limits), layers
    places: list[int] = []
    for at in range(last, -1, -1):
        if layers[at].convolves and getattr(layers[at], "strides", None) == 1:
            places.append(at)
            words = f"Use stride 2 in {_numbers(places)}"
            strided = _with(strided, at, words, strides=2).layers
            yield Repair(words, strided)


def _halved(layers: Layers, limits: Limits) -> Iterator[Repair]:
    """Yield halves of what is too large, again and again."""
    halved, changed = layers, set[int]()
    while (error := problem(halved, limits)) and error.layer in range(len(halved)):
        at = error.layer
        if at is None or not (size := halved[at].size) or getattr(halved[at], size) == 1:
            return
        halved = _with(halved, at, "", **{size: getattr(halved[at], size) // 2}).layers
        changed.add(at)
        sizes = (
            f"{getattr(halved[at], halved[at].size)} {halved[at].size} in layer {at + 1}"
            for at in sorted(changed)
        )
        yield Repair(f"Use only {', '.join(sizes)}", halved)


def _costly(layers: Layers, limits: Limits) -> int:
    """Return the position of the layer that puts a network over the limits."""
    error = problem(layers, limits)
    last = len(layers) - 1
    return last if error is None or error.layer is None else min(error.layer, last)


def _numbers(places: list[int]) -> str:
    """Return positions, from 0, as people say them: layer 2; layers 1 and 2."""
    *others, last = (str(at + 1) for at in sorted(places))
    return f"layers {', '.join(others)} and {last}" if others else f"layer {last}"


def _for_layer(layers: Layers, at: int) -> Iterator[Repair]:
    """Yield changes of one setting of the layer itself."""
    layer = layers[at]
    if isinstance(layer, Windowed) and layer.padding == "valid":
        yield _with(layers, at, f"Use `same` padding in layer {at + 1}", padding="same")
    if isinstance(layer, Pooling) and layer.pool_size > 2:
        yield _with(layers, at, f"Pool 2x2 in layer {at + 1}", pool_size=2, strides=None)


def _same(layer: AnyLayer) -> AnyLayer:
    """Return a layer with `same` padding, if it has a window."""
    return layer.model_copy(update={"padding": "same"}) if isinstance(layer, Windowed) else layer


def _with(layers: Layers, at: int, words: str, **settings: object) -> Repair:
    changed = layers[at].model_copy(update=settings)
    return Repair(words, (*layers[:at], changed, *layers[at + 1 :]))


def _without(layers: Layers, at: int) -> Repair:
    words = f"Remove layer {at + 1}, {type(layers[at]).__name__}"
    return Repair(words, (*layers[:at], *layers[at + 1 :]))


def _reduced(layers: Layers, limits: Limits) -> Repair:
    """Return the last resort: each layer that is valid after those kept before it."""
    kept: Layers = ()
    for layer in layers:
        if problem(_with_vector((*kept, layer), limits), limits) is None:
            kept = (*kept, layer)
    return Repair("Remove every layer that cannot work", _with_vector(kept, limits))


def _with_vector(layers: Layers, limits: Limits) -> Layers:
    """Add the pooling that turns an image into a vector for the output, if one is needed."""
    return layers if problem(layers, limits) is None else (*layers, GlobalAveragePooling2D())


def _different(found: list[Repair]) -> list[Repair]:
    """Drop repairs that lead to the same layers as an earlier one."""
    return list({repair.layers: repair for repair in reversed(found)}.values())[::-1]


def _lower(words: str) -> str:
    return words[:1].lower() + words[1:]
