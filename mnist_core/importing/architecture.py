"""A layer list of Keras to a network of ours, and to the weights that its file must have."""

from dataclasses import dataclass
from typing import Any

from mnist_core.importing.chain import Entry, entries
from mnist_core.importing.conversions import (
    ACTIVATIONS,
    LAYERS,
    check_numbers,
    is_division_by_255,
    policy,
)
from mnist_core.importing.errors import ImportModelError
from mnist_core.network.spec import CLASSES, IMAGE_SHAPE, Network
from mnist_core.network.summary import check_limits, summarize
from mnist_core.network.value import SpecError
from mnist_core.utils.text import shown, without_markup

KERNEL, SCALING, MOVING = ("kernel", "bias"), ("gamma", "beta"), ("moving_mean", "moving_variance")
_SWITCHES = {"bias": "use_bias", "gamma": "scale", "beta": "center"}


@dataclass(frozen=True)
class Weighted:
    """A layer with weights. `name`: in the file; `variables`: those that it has there, in order."""

    kind: str
    name: str
    variables: tuple[str, ...]


@dataclass(frozen=True)
class Architecture:
    """`rescales`: the file divided pixels by 255 in a layer, which is left out here.

    `policies`: the number formats of its layers, other than float32.
    """

    network: Network
    weighted: tuple[Weighted, ...]
    rescales: bool = False
    policies: tuple[str, ...] = ()


def read(model: dict[str, Any]) -> Architecture:
    """The network of a model's `class_name` and `config`. Raises BringError."""
    reader = _Reader()
    for entry in entries(model):
        reader.add(entry)
    return reader.finish()


def of_network(network: Network) -> Architecture:
    """What a weights file of one of our networks has; its layers have no names of their own."""
    weighted = []
    for row in summarize(network).rows:
        if row.type == "BatchNormalization":
            weighted.append(Weighted(row.type, "", SCALING + MOVING))
        elif row.type in ("Conv2D", "Dense"):
            layer = network.layers[row.layer] if row.layer < len(network.layers) else None
            bias = not getattr(layer, "batch_normalization", False)
            weighted.append(Weighted(row.type, "", KERNEL if bias else KERNEL[:1]))
    return Architecture(network, tuple(weighted))


class _Reader:
    """Layers of the file, one after the other, to settings of our layers."""

    def __init__(self) -> None:
        self.made: list[dict[str, Any]] = []
        self.weighted: list[Weighted] = []
        self.shape: list[Any] | None = None
        self.rescales = False
        self.policies: dict[str, None] = {}

    def add(self, entry: Entry) -> None:
        """Read one more layer. Raises BringError."""
        given = entry.config.get("batch_shape", entry.config.get("batch_input_shape"))
        if self.shape is None and given is not None:
            self._take_input(entry, given)
        match entry.kind:
            case "InputLayer":
                pass  # its shape is all there is to it
            case "Reshape":
                self._reshape(entry)
            case "Rescaling":
                self._rescale(entry)
            case kind if kind in ACTIVATIONS:
                self._activate(entry, ACTIVATIONS[kind](entry, entry.config))
            case kind if kind in LAYERS:
                self._make(entry, LAYERS[kind](entry))
                if policy(entry) not in ("", "float32"):
                    self.policies[policy(entry)] = None
            case kind:
                raise entry.refuse(
                    f"only {', '.join(LAYERS)} and activations are read, and no code of a file "
                    f"ever runs; received {shown(kind)}: build, train and save it without"
                )

    def _take_input(self, entry: Entry, shape: Any) -> None:
        """(28, 28) and (784,) hold the same numbers as (28, 28, 1)."""
        self.shape = shape[1:] if isinstance(shape, list) else [shape]
        if self.shape not in ([28, 28, 1], [28, 28], [784]):
            raise entry.refuse(
                f"the input must be an image of 28, 28, 1; received {shown(shape)}: train it on "
                "MNIST's images, one channel last"
            )
        if self.shape == [784]:
            self.made.append({"entry": entry, "kind": "flatten"})

    def _reshape(self, entry: Entry) -> None:
        """To (28, 28, 1), right after the input, changes nothing."""
        target = entry.config.get("target_shape")
        if target != list(IMAGE_SHAPE) or any(layer["kind"] != "flatten" for layer in self.made):
            raise entry.refuse(
                f"Reshape is read as the first layer alone, to 28, 28, 1; received {shown(target)}"
                ": let the input have the shape 28, 28, 1 and leave Reshape out"
            )
        self.made.clear()

    def _rescale(self, entry: Entry) -> None:
        """What the app does itself."""
        if self.weighted or self.rescales or not is_division_by_255(entry):
            received = f"scale={entry.config.get('scale')}, offset={entry.config.get('offset')}"
            raise entry.refuse(
                "pixels are divided by 255 once, before the first layer, and changed in no other "
                f"way; received {shown(received)}: train with Rescaling(1/255) first, or without"
            )
        self.rescales = True

    def _activate(self, entry: Entry, activation: str) -> None:
        """An activation that is a layer of its own belongs to the layer before it."""
        before = self.made[-1] if self.made else {}
        if before.get("kind") == "batch_normalization" and len(self.made) > 1:
            convolution = self.made[-2]
            if convolution["kind"] == "conv2d" and convolution["activation"] == "linear":
                self.made.pop()
                convolution |= {"batch_normalization": True, "activation": activation}
                return
        if before.get("activation") == "linear" and not before.get("batch_normalization"):
            before["activation"] = activation
        elif activation != "linear":
            raise entry.refuse(
                "an activation is read after a Conv2D, a Conv2D with BatchNormalization, or a "
                f"Dense that has none itself; this {activation} comes after "
                f"{before['entry'].kind if before else 'the input'}: move it into the layer before"
            )

    def _make(self, entry: Entry, settings: dict[str, Any]) -> None:
        check_numbers(entry, settings)
        kind = settings["kind"]
        if kind == "flatten" and self.made and self.made[-1]["kind"] == "flatten":
            return  # flat already
        if kind == "batch_normalization":
            self._check_axis(entry)
        self.made.append({"entry": entry} | settings)
        every = {"conv2d": KERNEL, "dense": KERNEL, "batch_normalization": SCALING + MOVING}
        if kind in every:
            there = [name for name in every[kind]
                     if entry.config.get(_SWITCHES.get(name, ""), True) is not False]  # fmt: skip
            self.weighted.append(Weighted(entry.kind, entry.name, tuple(there)))

    def _check_axis(self, entry: Entry) -> None:
        flat = any(m["kind"] in ("flatten", "global_average_pooling2d") for m in self.made)
        axis, last = entry.config.get("axis", -1), 1 if flat else 3
        if axis not in (-1, last, [last]):
            raise entry.refuse(
                f"its axis must be the last one, -1; received {shown(axis)}: train the network "
                "without setting it"
            )

    def finish(self) -> Architecture:
        """The network, its output layer checked and left out. Raises BringError."""
        last: dict[str, Any] = self.made[-1] if self.made else {"kind": "nothing"}
        if (last["kind"], last.get("units"), last.get("activation")) != (
            "dense",
            CLASSES,
            "softmax",
        ):
            received = last["entry"].kind if "entry" in last else "no layer"
            if last["kind"] == "dense":
                received = f"Dense({shown(last['units'])}, {last['activation']})"
            raise ImportModelError(
                f"the last layer must be Dense({CLASSES}, softmax), for ten probabilities; "
                f"received {received}: end with keras.layers.Dense(10, activation='softmax')"
            )
        layers = [{k: v for k, v in made.items() if k != "entry"} for made in self.made[:-1]]
        try:
            network = Network.model_validate({"layers": layers})
            check_limits(network)
        except SpecError as error:
            at = error.layer
            entry = self.made[at]["entry"] if at is not None and at < len(self.made) else None
            name = f" (in the file {shown(entry.name)})" if entry else ""
            words = without_markup(str(error))
            if ": " not in (words.partition("; received ")[2] or ": "):  # no way out among them
                words += ": build it within these limits and train it anew"
            raise ImportModelError(f"this network cannot be used here{name}: {words}") from None
        return Architecture(network, tuple(self.weighted), self.rescales, tuple(self.policies))
