"""Reads the layer list of a model of Keras 2 or 3 as a chain, without creating any layer."""

from collections.abc import Callable
from dataclasses import dataclass

from mnist_core.importing.errors import ImportModelError
from mnist_core.utils.text import short_repr

MOST = 250  # layers of any kind: a network here has at most 24, each a block of nine at most
WITHOUT_EFFECT = frozenset(
    {
        "ActivityRegularization",
        "AlphaDropout",
        "GaussianDropout",
        "GaussianNoise",
        "InputLayer",
        "RandomBrightness",
        "RandomContrast",
        "RandomFlip",
        "RandomRotation",
        "RandomShear",
        "RandomTranslation",
        "RandomZoom",
    }
)
"""Layers that pass their input through unchanged at prediction."""
_KERAS = ("keras", "keras_core", "tf_keras")
_PLAIN = "build it as one chain of layers (keras.Sequential) and save it again"


@dataclass(frozen=True)
class Entry:
    """One layer of the file. number: its position in the list, from 1; kind: its class.

    parts: the layers of one of the kind "Residual", in the order of `layers.residual`.
    """

    number: int
    kind: str
    name: str
    config: dict[str, object]
    parts: "tuple[Entry, ...]" = ()

    @property
    def words(self) -> str:
        """The layer in words: layer 2 of the file, 'conv2d' ('Conv2D')."""
        return f"layer {self.number} of the file, {short_repr(self.name)} ({short_repr(self.kind)})"

    def refuse(self, why: str) -> ImportModelError:
        """Return an error about this layer. why: the rule, the value, the way out."""
        return ImportModelError(f"{self.words}: {why}")


Reads = dict[str, list[object]]
"""The names of the layers that each layer reads, by its name."""

Fold = Callable[[list[Entry], Reads], tuple[list[Entry], Reads]]


def entries(model: dict[str, object], fold: Fold) -> list[Entry]:
    """Return the layers of a Sequential model, or of a Functional model that is a chain.

    model: its `class_name` and `config`; fold: makes one entry of each block with branches. Raises
    ImportModelError.
    """
    kind, config = model.get("class_name"), model.get("config")
    if isinstance(config, list):  # Keras 2.0 to 2.2
        config = dict[str, object](layers=config)
    if kind not in ("Sequential", "Functional", "Model") or not isinstance(config, dict):
        raise ImportModelError(
            f"a network must be Sequential or Functional; received {short_repr(kind)}: {_PLAIN}"
        )
    check_origin(model, f"the model ({kind})")
    listed = config.get("layers")
    if not isinstance(listed, list) or not 1 <= len(listed) <= MOST:
        count = len(listed) if isinstance(listed, list) else short_repr(listed)
        raise ImportModelError(f"a model must list 1 to {MOST} layers; received {count}: {_PLAIN}")
    made = [_entry(number, layer) for number, layer in enumerate(listed, 1)]
    if kind != "Sequential":
        reads = {
            entry.name: _inbound(layer.get("inbound_nodes"))
            for entry, layer in zip(made, listed, strict=True)
        }
        if len(reads) == len(made):  # else the chain is refused for its names
            made, reads = fold(made, reads)
        _check_chain(config, made, reads)
    return [inner for entry in made for inner in _unnested(entry)]


def _unnested(entry: Entry) -> list[Entry]:
    """Return the layers of a nested Sequential model, such as one that distorts its images.

    Raises ImportModelError if one of them has weights, which lie elsewhere in the file, or is
    a model itself.
    """
    if entry.kind != "Sequential":
        return [entry]
    layers = entry.config.get("layers")
    inner = [_entry(entry.number, layer) for layer in layers] if isinstance(layers, list) else []
    for layer in inner:
        if layer.kind not in WITHOUT_EFFECT:
            raise layer.refuse(
                "a nested model may contain only layers that act during training; "
                f"this one is {short_repr(layer.kind)}: {_PLAIN}"
            )
    return inner


def _entry(number: int, layer: object) -> Entry:
    config = layer.get("config") if isinstance(layer, dict) else None
    if not isinstance(layer, dict) or not isinstance(config, dict):
        raise ImportModelError(
            f"layer {number} of the file must have a class and its settings: {_PLAIN}"
        )
    kind, name = layer.get("class_name"), config.get("name", "")
    if not isinstance(kind, str) or not isinstance(name, str):
        raise ImportModelError(f"layer {number} of the file must have a class and a name: {_PLAIN}")
    made = Entry(number, kind, name, config)
    check_origin(layer, made.words)
    return made


def check_origin(thing: dict[str, object], which: str) -> None:
    """Raise ImportModelError on a custom class, which may have the name of a Keras class.

    which: the object in words, for the error.
    """
    module, registered = thing.get("module"), thing.get("registered_name")
    keras = module is None or (isinstance(module, str) and module.split(".")[0] in _KERAS)
    if not keras or registered not in (None, thing.get("class_name")):
        raise ImportModelError(
            f"{which} must be of a class in Keras; it comes from "
            f"{short_repr(registered or module)}: rebuild the network with Keras's own layers"
        )


def _check_chain(config: dict[str, object], made: list[Entry], reads: Reads) -> None:
    """Raise ImportModelError unless every layer has the previous layer as its only input.

    The first layer must be the model's input and the last layer its output.
    """
    for ends, at in (("input_layers", 0), ("output_layers", -1)):
        names = _heads(config.get(ends))
        if names != [made[at].name]:
            raise ImportModelError(
                f"a network must have one image as input and ten probabilities as output; its "
                f"{ends} is {short_repr(config.get(ends))}: {_PLAIN}"
            )
    for before, entry in zip([None, *made], made, strict=False):
        read = reads[entry.name]
        if read != ([before.name] if before else []):
            raise entry.refuse(
                "it must take its input only from the layer before it; it reads "
                f"{short_repr(read)}: "
                "branches other than residual blocks do not work here, so "
                f"{_PLAIN}"
            )


def _heads(ends: object) -> list[object]:
    """Return the layer names in ["input", 0, 0], or in a list of such entries."""
    if isinstance(ends, list) and ends and isinstance(ends[0], str):
        return ends[:1]
    if isinstance(ends, list):
        return [end[0] if isinstance(end, list) and end else end for end in ends]
    return [ends]


def _tensors(arguments: object) -> list[object]:
    """Return the tensors that a layer is called with; several inputs come as a list."""
    if not isinstance(arguments, list):
        return [arguments]
    return [
        tensor
        for argument in arguments
        for tensor in (argument if isinstance(argument, list) else [argument])
    ]


def _inbound(nodes: object) -> list[object]:
    """Return the names of a layer's inputs; for a shared layer, the inputs of every use."""
    names: list[object] = []
    for node in nodes if isinstance(nodes, list) else [nodes]:
        if isinstance(node, dict):  # Keras 3
            for tensor in _tensors(node.get("args")):
                config = tensor.get("config") if isinstance(tensor, dict) else None
                history = config.get("keras_history") if isinstance(config, dict) else None
                names += _heads(history)
        else:  # Keras 2
            names += _heads(node)
    return names
