"""Converts the layer list of a Keras model to a network, and lists the weights to expect."""

from dataclasses import dataclass

from mnist_core.importing.chain import Entry, entries
from mnist_core.importing.conversions import (
    ACTIVATIONS,
    Settings,
    convert,
    is_division_by_255,
    policy,
)
from mnist_core.importing.errors import ImportModelError
from mnist_core.network.layers import CLASSES, IMAGE_SHAPE, LAYERS
from mnist_core.network.spec import Network
from mnist_core.network.summary import check_limits, summarize
from mnist_core.network.value import SpecError
from mnist_core.utils.text import short_repr, without_markup

_SWITCHES = {"bias": "use_bias", "gamma": "scale", "beta": "center"}
"""The arguments of Keras that leave a weight out."""

_VECTORS = {layer.model_fields["kind"].default for layer in LAYERS.values() if layer.makes_vector}
"""The kinds of layers that turn an image into a vector."""


@dataclass(frozen=True)
class Weighted:
    """A layer with weights. name: in the file; variables: names of its weights, in order."""

    kind: str
    name: str
    variables: tuple[str, ...]


@dataclass(frozen=True)
class Architecture:
    """A network read from a file.

    weighted: its layers with weights; rescales: whether the file has a Rescaling(1/255) layer,
    which is left out here; policies: the dtype policies of its layers, other than float32.
    """

    network: Network
    weighted: tuple[Weighted, ...]
    rescales: bool = False
    policies: tuple[str, ...] = ()


def read(model: dict[str, object]) -> Architecture:
    """Return the network of a model's `class_name` and `config`. Raises ImportModelError."""
    reader = _Reader()
    for entry in entries(model):
        reader.add(entry)
    return reader.finish()


def of_network(network: Network) -> Architecture:
    """Return the weights to expect in a weights file of a known network; names are left empty."""
    rows = (row for row in summarize(network).rows if row.keras.weights)
    return Architecture(
        network, tuple(Weighted(row.type, "", tuple(row.keras.weights)) for row in rows)
    )


def _weighted(network: Network, made: list[Entry]) -> tuple[Weighted, ...]:
    """Return the layers with weights and those that the file must have of each.

    made: the layers of the file that became layers of the network. A convolution before batch
    normalization has no bias here, but may have one in the file.
    """
    rows = [row for row in summarize(network).rows if row.keras.weights]
    entries = [entry for entry in made if LAYERS[entry.kind].has_weights]
    weighted: list[Weighted] = []
    for row, entry in zip(rows, entries, strict=True):
        names = list(row.keras.weights)
        if "bias" not in names and row.type == "Conv2D":
            names.append("bias")
        there = [n for n in names if entry.config.get(_SWITCHES.get(n, ""), True) is not False]
        weighted.append(Weighted(entry.kind, entry.name, tuple(there)))
    return tuple(weighted)


@dataclass(frozen=True)
class _Converted:
    """The settings of an app's layer, and the layer of the file that it comes from."""

    entry: Entry
    settings: Settings

    @property
    def kind(self) -> object:
        return self.settings["kind"]

    @property
    def activation(self) -> object:
        return self.settings.get("activation")


class _Reader:
    """Converts the layers of a file one by one.

    made: the app's layers so far; read: the layers of the file that they come from.
    """

    def __init__(self) -> None:
        self.made: list[_Converted] = []
        self.read: list[Entry] = []
        self.shape: list[object] | None = None
        self.rescales = False
        self.policies: dict[str, None] = {}

    def add(self, entry: Entry) -> None:
        """Convert one more layer. Raises ImportModelError."""
        given = entry.config.get("batch_shape", entry.config.get("batch_input_shape"))
        if self.shape is None and given is not None:
            self._take_input(entry, given)
        match entry.kind:
            case "InputLayer":
                pass  # it has a shape alone, which was read above
            case "Reshape":
                self._reshape(entry)
            case "Rescaling":
                self._rescale(entry)
            case kind if kind in ACTIVATIONS:
                self._activate(entry, ACTIVATIONS[kind](entry, entry.config))
            case kind if kind in LAYERS:
                self._make(entry, convert(entry))
                if policy(entry) not in ("", "float32"):
                    self.policies[policy(entry)] = None
            case kind:
                raise entry.refuse(
                    f"only {', '.join(LAYERS)} and activations are read, and no code of a file "
                    f"ever runs; received {short_repr(kind)}: build, train and save it without"
                )

    def _take_input(self, entry: Entry, shape: object) -> None:
        """Check the input shape; (28, 28) and (784,) hold the same numbers as (28, 28, 1)."""
        self.shape = shape[1:] if isinstance(shape, list) else [shape]
        if self.shape not in ([28, 28, 1], [28, 28], [784]):
            raise entry.refuse(
                f"the input must be an image of 28, 28, 1; received {short_repr(shape)}: train "
                "it on "
                "MNIST's images, one channel last"
            )
        if self.shape == [784]:
            self.made.append(_Converted(entry, {"kind": "flatten"}))

    def _reshape(self, entry: Entry) -> None:
        """Leave out a Reshape to (28, 28, 1) right after the input; refuse any other."""
        target = entry.config.get("target_shape")
        if target != list(IMAGE_SHAPE) or any(layer.kind != "flatten" for layer in self.made):
            raise entry.refuse(
                "Reshape is read as the first layer alone, to 28, 28, 1; received "
                f"{short_repr(target)}"
                ": let the input have the shape 28, 28, 1 and leave Reshape out"
            )
        self.made.clear()

    def _rescale(self, entry: Entry) -> None:
        """Leave out a division by 255, which the app does itself; refuse any other Rescaling."""
        late = self.rescales or any(LAYERS[read.kind].has_weights for read in self.read)
        late = late or any(made.kind == "activation" for made in self.made)
        if late or not is_division_by_255(entry):
            received = f"scale={entry.config.get('scale')}, offset={entry.config.get('offset')}"
            raise entry.refuse(
                "pixels are divided by 255 once, before the first layer, and changed in no other "
                f"way; received {short_repr(received)}: train with Rescaling(1/255) first, or "
                "without"
            )
        self.rescales = True

    def _activate(self, entry: Entry, activation: str) -> None:
        """Merge an activation layer into the layer before it, where that has none."""
        before = self.made[-1] if self.made else None
        if before and before.kind == "batch_normalization" and len(self.made) > 1:
            convolution = self.made[-2]
            if convolution.kind == "conv2d" and convolution.activation == "linear":
                self.made.pop()
                convolution.settings.update(batch_normalization=True, activation=activation)
                return
        plain = before and not before.settings.get("batch_normalization")
        if before and plain and before.activation == "linear":
            before.settings["activation"] = activation
        elif activation != "linear":
            self.made.append(_Converted(entry, {"kind": "activation", "activation": activation}))

    def _make(self, entry: Entry, settings: Settings) -> None:
        """Add a layer and the weights that it has in the file."""
        kind = str(settings["kind"])
        if kind == "flatten" and self.made and self.made[-1].kind == "flatten":
            return  # flat already
        if "axis" in entry.config:
            self._check_axis(entry)
        self.made.append(_Converted(entry, settings))
        self.read.append(entry)

    def _check_axis(self, entry: Entry) -> None:
        """Raise ImportModelError unless a normalization works on the last axis."""
        flat = any(made.kind in _VECTORS for made in self.made)
        axis, last = entry.config.get("axis", -1), 1 if flat else 3
        if axis not in (-1, last, [-1], [last]):
            raise entry.refuse(
                f"its axis must be the last one, -1; received {short_repr(axis)}: train the "
                "network "
                "without setting it"
            )

    def finish(self) -> Architecture:
        """Return the network; its output layer is checked and left out. Raises ImportModelError."""
        last = self.made[-1] if self.made else None
        output = {"kind": "dense", "units": CLASSES, "activation": "softmax"}
        if not last or last.settings | output != last.settings:
            received = last.entry.kind if last else "no layer"
            if last and last.kind == "dense":
                received = f"Dense({short_repr(last.settings['units'])}, {last.activation})"
            raise ImportModelError(
                f"the last layer must be Dense({CLASSES}, softmax), for ten probabilities; "
                f"received {received}: end with keras.layers.Dense(10, activation='softmax')"
            )
        layers = [made.settings for made in self.made[:-1]]
        try:
            network = Network.model_validate({"layers": layers})
            check_limits(network)
        except SpecError as error:
            at = error.layer
            entry = self.made[at].entry if at is not None and at < len(self.made) else None
            name = f" (in the file {short_repr(entry.name)})" if entry else ""
            words = without_markup(str(error))
            if ": " not in (words.partition("; received ")[2] or ": "):  # no way out among them
                words += ": build it within these limits and train it anew"
            raise ImportModelError(f"this network cannot be used here{name}: {words}") from None
        weighted = _weighted(network, self.read)
        return Architecture(network, weighted, self.rescales, tuple(self.policies))
