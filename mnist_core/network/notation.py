"""Short notation of networks, `C32 M C64 M F D128`, read and written; and the course notes' form.

A word per layer: the letters of its kind and its settings, without those that have their default.
Each layer's own file says which (`Layer.notation`). Upper and lower case mean the same, and the
output layer is never written.
"""

from collections import Counter

from mnist_core.network.layers import CLASSES, LAYERS, AnyLayer, Dense
from mnist_core.network.spec import MAX_LAYERS, Network, too_many_layers
from mnist_core.network.value import SpecError
from mnist_core.utils.text import short_repr

MOST_CHARACTERS = 10_000  # a layer takes fifty at most

_PATTERNS = [(layer, layer.notation.pattern(layer)) for layer in LAYERS.values()]


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
    return any(pattern.fullmatch(word) for _, pattern in _PATTERNS)


def _layer(word: str) -> AnyLayer:
    for layer, pattern in _PATTERNS:
        if match := pattern.fullmatch(word):
            given = {name: value.lower() for name, value in match.groupdict().items() if value}
            switches = {name: True for name in given if layer.model_fields[name].annotation is bool}
            return layer.model_validate(given | switches)
    forms = ", ".join(f"{layer.notation.example} ({name})" for name, layer in LAYERS.items())
    raise SpecError(f"not a layer of the notation: write {forms}, with options as in C32k5s2same")


def write(network: Network) -> str:
    """Return the shortest notation that `parse` reads back as the same network."""
    return " ".join(write_layer(layer) for layer in network.layers)


def write_layer(layer: AnyLayer) -> str:
    """Return the notation of one layer, its defaults left out."""
    return layer.notation.write(layer)


def about_output(network: Network) -> str:
    """Return a hint where a network ends in ten units, which are not its output; else ""."""
    last = network.layers[-1]  # no network is empty: the image is no vector
    if not isinstance(last, Dense) or last.units != CLASSES:
        return ""
    return (
        f"The app always adds the output layer, Dense({CLASSES}, softmax). Your last "
        f"{write_layer(last)} is therefore a hidden layer: remove it if you meant it as the output."
    )


def course_notation(network: Network) -> str:
    """Return the form of the course notes, for display: C1 M1 C2 M2 F400 D64 D10.

    Convolutions (C) and poolings (M, A) are numbered; F, G (global average pooling) and D carry the
    number of their outputs; all other layers are written as in the notation.
    """
    words: list[str] = []
    counts: Counter[str] = Counter()
    for layer, outputs in zip(network.layers, network.shapes()[1:], strict=True):
        counts[layer.notation.letters] += 1
        words.append(layer.course_word(counts[layer.notation.letters], outputs))
    return " ".join([*words, f"D{CLASSES}"])
