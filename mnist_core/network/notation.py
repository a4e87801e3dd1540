"""Short notation of networks, `C32 M C64 M F D128`, read and written; and the course notes' form.

    C32     Conv2D, 32 filters; then k5 (kernel 5x5), s2 (strides 2), same, bn, an activation
    M A     max and average pooling 2x2; M3 is 3x3; then s2 (strides), same
    GAP     GlobalAveragePooling2D
    BN      BatchNormalization
    Drop0.2 Dropout
    F       Flatten
    D128    Dense, 128 units; then an activation

Defaults are left out: 3x3, strides 1, `valid`, relu. `l2=0.001` may end a C or a D. Upper and
lower case mean the same, and the output layer is never written.
"""

import re
from typing import get_args

from mnist_core.network.layers import (
    Activation,
    AnyLayer,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
)
from mnist_core.network.spec import CLASSES, MAX_LAYERS, Network, too_many_layers
from mnist_core.network.value import SpecError
from mnist_core.utils.text import short_repr

MOST_CHARACTERS = 10_000  # a layer takes fifty at most

_ACTIVATION = f"(?P<activation>{'|'.join(get_args(Activation))})?"
_L2 = r"(?:l2=(?P<l2>[0-9.e+-]+))?"
_POOL = r"(?P<pool_size>\d+)?(?:s(?P<strides>\d+))?(?P<padding>same|valid)?"
_TOKENS: dict[type[AnyLayer], re.Pattern[str]] = {
    layer: re.compile(pattern, re.IGNORECASE)
    for layer, pattern in {
        Conv2D: r"C(?P<filters>\d+)(?:k(?P<kernel_size>\d+))?(?:s(?P<strides>\d+))?"
        rf"(?P<padding>same|valid)?(?P<batch_normalization>bn)?{_ACTIVATION}{_L2}",
        MaxPooling2D: f"M{_POOL}",
        AveragePooling2D: f"A{_POOL}",
        GlobalAveragePooling2D: "GAP",
        BatchNormalization: "BN",
        Dropout: r"Drop(?P<rate>[0-9.e+-]+)?",
        Flatten: "F",
        Dense: rf"D(?P<units>\d+){_ACTIVATION}{_L2}",
    }.items()
}


def parse(text: str) -> Network:
    """Read a network from its notation. Raises SpecError with the word that cannot be read."""
    return Network(layers=parse_layers(text))


def parse_layers(text: str) -> tuple[AnyLayer, ...]:
    """Read the layers of a notation, whether or not they make a valid network."""
    layers: list[AnyLayer] = []
    for index, word in enumerate(split_words(text.replace(",", " "))):
        try:
            layers.append(_layer(word))
        except SpecError as error:
            raise SpecError(f"layer {index + 1}, {short_repr(word, 40)}: {error}", index) from None
    return tuple(layers)


def split_words(text: str) -> list[str]:
    """Split a notation into words, one per layer. Raises SpecError on far too many."""
    if len(text) > MOST_CHARACTERS:
        raise SpecError(
            f"a network in notation has at most {MOST_CHARACTERS:,} characters; received "
            f"{len(text):,}: remove some layers"
        )
    words = text.split()
    if len(words) > 2 * MAX_LAYERS:
        raise SpecError(too_many_layers(len(words)))
    return words


def is_layer(word: str) -> bool:
    """Return whether a word has the form of a layer, even with numbers out of range."""
    return any(pattern.fullmatch(word) for pattern in _TOKENS.values())


def _layer(word: str) -> AnyLayer:
    for layer, pattern in _TOKENS.items():
        if match := pattern.fullmatch(word):
            given = {name: value.lower() for name, value in match.groupdict().items() if value}
            return layer.model_validate(
                given | ({"batch_normalization": True} if "batch_normalization" in given else {})
            )
    raise SpecError(
        "not a layer of the notation: write C32 (convolution), M or A (pooling), GAP, BN, "
        "Drop0.2, F (flatten) or D128 (dense), with options as in C32k5s2same"
    )


def write(network: Network) -> str:
    """Return the shortest notation that `parse` reads back as the same network."""
    return " ".join(write_layer(layer) for layer in network.layers)


def write_layer(layer: AnyLayer) -> str:
    """Return the notation of one layer, its defaults left out."""
    match layer:
        case Conv2D():
            head = f"C{layer.filters}" + _unless(3, "k", layer.kernel_size)
            padding = "same" if layer.padding == "same" else ""
            normalized = "bn" if layer.batch_normalization else ""
            return head + _unless(1, "s", layer.strides) + padding + normalized + _tail(layer)
        case MaxPooling2D() | AveragePooling2D():
            head = ("M" if isinstance(layer, MaxPooling2D) else "A") + _unless(
                2, "", layer.pool_size
            )
            return (
                head
                + _unless(None, "s", layer.strides)
                + ("same" if layer.padding == "same" else "")
            )
        case GlobalAveragePooling2D():
            return "GAP"
        case BatchNormalization():
            return "BN"
        case Dropout():
            return f"Drop{layer.rate!r}"
        case Flatten():
            return "F"
        case Dense():
            return f"D{layer.units}" + _tail(layer)


def _tail(layer: Conv2D | Dense) -> str:
    return _unless("relu", "", layer.activation) + _unless(0.0, "l2=", layer.l2)


def _unless(default: object, prefix: str, value: object) -> str:
    return "" if value == default else f"{prefix}{value!r}".replace("'", "")


def course_notation(network: Network) -> str:
    """Return the form of the course notes, for display: C1 M1 C2 M2 F400 D64 D10.

    Convolutions (C), max (M) and average pooling (A) are numbered; F, G (global average pooling)
    and D carry the number of their outputs; BN and Drop are written as in the notation.
    """
    words: list[str] = []
    counts = {"C": 0, "M": 0, "A": 0}
    for layer, shape in zip(network.layers, network.shapes()[1:], strict=True):
        match layer:
            case Conv2D() | MaxPooling2D() | AveragePooling2D():
                letter = write_layer(layer)[0]
                counts[letter] += 1
                words.append(f"{letter}{counts[letter]}")
            case Flatten() | Dense():
                words.append(f"{write_layer(layer)[0]}{shape[-1]}")
            case GlobalAveragePooling2D():
                words.append(f"G{shape[-1]}")
            case BatchNormalization() | Dropout():
                words.append(write_layer(layer))
    return " ".join([*words, f"D{CLASSES}"])
