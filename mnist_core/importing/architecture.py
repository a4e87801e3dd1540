"""Converts the layer list of a Keras model to a network, and lists the weights to expect."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mnist_core.importing import residual
from mnist_core.importing.chain import WITHOUT_EFFECT, Entry, entries
from mnist_core.importing.conversions import (
    ACTIVATIONS,
    Settings,
    channels_last,
    convert,
    is_division_by_255,
    is_function,
    is_number,
    normalization,
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
    """A layer with weights.

    kind: its class in the file; name: in the file; variables: the names of its weights there, in
    order; given: numbers that its settings say in place of weights, by the name of the weight;
    epsilon: of a batch normalization in the file; number: its position among the file's layers.
    """

    kind: str
    name: str
    variables: tuple[str, ...]
    given: Mapping[str, object] = field(default_factory=dict[str, object])
    epsilon: float | None = None
    number: int = 0


@dataclass(frozen=True)
class Architecture:
    """A network read from a file.

    weighted: its layers with weights; told: what differs from the file;
    channels_first: whether an image of the file has its channels before height and width; turned:
    whether the file makes a vector of them in that order.
    """

    network: Network
    weighted: tuple[Weighted, ...]
    told: tuple[str, ...] = ()
    channels_first: bool = False
    turned: bool = False


def read(model: dict[str, object]) -> Architecture:
    """Return the network of a model's `class_name` and `config`. Raises ImportModelError."""
    reader = _Reader()
    for entry in entries(model, residual.fold):
        reader.add(entry)
    return reader.finish()


def of_network(network: Network) -> Architecture:
    """Return the weights to expect in a weights file of a known network; names are left empty."""
    rows = (row for row in summarize(network).rows if row.keras.weights)
    return Architecture(
        network, tuple(Weighted(row.type, "", tuple(row.keras.weights)) for row in rows)
    )


def _weighted(network: Network, made: list[Entry]) -> tuple[Weighted, ...]:
    """Return the layers with weights, and the weights that the file must have for each.

    made: the layers of the file that became layers of the network. A convolution before batch
    normalization has no bias here, but may have one in the file.
    """
    rows = [row for row in summarize(network).rows if row.keras.weights]
    if len(rows) != len(made):
        raise ImportModelError(
            "the shortcut of a residual block must have a 1x1 convolution where it changes the "
            "shape, and only there; this file has one elsewhere: train the network without it"
        )
    weighted: list[Weighted] = []
    for row, entry in zip(rows, made, strict=True):
        if entry.kind not in LAYERS:
            stored, given = normalization(entry)
            weighted.append(Weighted(entry.kind, entry.name, stored, given, number=entry.number))
            continue
        names = list(row.keras.weights)
        if "bias" not in names and row.type == "Conv2D":
            names.append("bias")
        there = [n for n in names if entry.config.get(_SWITCHES.get(n, ""), True) is not False]
        epsilon = entry.config.get("epsilon") if entry.kind == "BatchNormalization" else None
        if epsilon is not None and not (is_number(epsilon) and 0 <= epsilon <= 1):
            raise entry.refuse(
                f"epsilon must be a number from 0 to 1; received {short_repr(epsilon)}: save the "
                "network again with Keras"
            )
        weighted.append(
            Weighted(entry.kind, entry.name, tuple(there), epsilon=epsilon, number=entry.number)
        )
    return tuple(weighted)


@dataclass(frozen=True)
class _Converted:
    """The settings of a layer of the app, and the file's layer that it comes from."""

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

    made: the app's layers so far; weighted: the layers of the file that their weights come from;
    told: what differs from the file, in order and once each. channels_first: whether
    an image of the file has its channels before height and width; turned: whether the file makes
    a vector of them in that order.
    """

    def __init__(self) -> None:
        self.made: list[_Converted] = []
        self.weighted: list[Entry] = []
        self.told: dict[str, None] = {}
        self.policies: dict[str, None] = {}
        self.shape: list[object] | None = None
        self.rescaled = self.channels_first = self.turned = False
        self.has_channels = True

    def add(self, entry: Entry) -> None:
        """Convert one more layer. Raises ImportModelError."""
        given = entry.config.get("batch_shape", entry.config.get("batch_input_shape"))
        if self.shape is None and given is not None:
            self._take_input(entry, given)
        if self.channels_first and entry.kind in LAYERS:
            self._turn(entry)
        match entry.kind:
            case kind if kind in WITHOUT_EFFECT:
                pass  # of an InputLayer, the shape was read above
            case "Resizing" | "CenterCrop" | "RandomCrop":
                self._check_unchanged(entry)
            case "Reshape":
                self._reshape(entry)
            case "Rescaling":
                self._rescale(entry)
            case "Normalization":
                self._normalize(entry)
            case "Residual" if entry.parts:
                self._add_block(entry)
            case kind if is_function(entry):
                self._activate(entry, ACTIVATIONS[kind](entry, entry.config))
            case kind if kind in LAYERS and kind != "Residual":
                self._make(entry, convert(entry))
                self._note_policy(entry)
            case kind:
                raise entry.refuse(
                    f"the layer must be one of {', '.join(LAYERS)} or an activation; received "
                    f"{short_repr(kind)}: build, train and save the network without it"
                )

    def _turn(self, entry: Entry) -> None:
        """Read a layer whose images have their channels first. Raises ImportModelError."""
        if entry.kind == "Flatten":
            first = entry.config.get("data_format") == "channels_first"
            self.turned |= not first and not self._is_flat()
        elif entry.kind == "Dense" and not self._is_flat():
            raise entry.refuse(
                "it needs a vector, because its images have channels first: put Flatten before it"
            )
        channels_last(entry, self._is_flat())

    def _is_flat(self) -> bool:
        return any(made.kind in _VECTORS for made in self.made)

    def _check_unchanged(self, entry: Entry) -> None:
        """Leave out a layer that cuts or enlarges an image to the size that it has."""
        size = [entry.config.get("height"), entry.config.get("width")]
        if size != [28, 28] or self.made:
            raise entry.refuse(
                "it must come first and keep the image at 28x28; received "
                f"{short_repr(size)}: train the network on MNIST's own size"
            )

    def _take_input(self, entry: Entry, shape: object) -> None:
        """Check the input shape; (28, 28) and (784,) hold the same numbers as (28, 28, 1)."""
        self.shape = shape[1:] if isinstance(shape, list) else [shape]
        self.channels_first = self.shape == [1, 28, 28]
        self.has_channels = self.shape != [28, 28]
        if self.shape not in ([28, 28, 1], [28, 28], [784], [1, 28, 28]):
            raise entry.refuse(
                f"the input must be an image of 28, 28, 1; received {short_repr(shape)}: train "
                "the network on MNIST's images, with the one channel last"
            )
        if self.shape == [784]:
            self.made.append(_Converted(entry, {"kind": "flatten"}))

    def _reshape(self, entry: Entry) -> None:
        """Read a Reshape to a vector as Flatten, and leave out one of the input to an image."""
        target = entry.config.get("target_shape")
        if isinstance(target, list) and len(target) == 1:  # its length fits, or Keras had refused
            self.turned |= self.channels_first and not self._is_flat()
            self._make(entry, {"kind": "flatten"})
            return
        first = all(made.kind == "flatten" for made in self.made)
        if not first or target not in (list(IMAGE_SHAPE), [1, 28, 28]):
            raise entry.refuse(
                "Reshape must make a vector or, as the first layer, an image of 28, 28, 1; "
                f"received {short_repr(target)}: let the input have the shape 28, 28, 1 and leave "
                "Reshape out"
            )
        self.channels_first = target != list(IMAGE_SHAPE)
        self.has_channels, self.turned = True, False
        self.made.clear()

    def _rescale(self, entry: Entry) -> None:
        """Leave out a division by 255, which the app does itself; normalize for other factors."""
        late = self.rescaled or self.weighted or any(m.kind == "activation" for m in self.made)
        if is_division_by_255(entry) and not late:
            self.rescaled = True
            self.told["its Rescaling layer was left out, since the app divides by 255 itself"] = (
                None
            )
            return
        self._normalize(entry)

    def _normalize(self, entry: Entry) -> None:
        """Read a layer with fixed factors and summands as BatchNormalization, which has both."""
        normalization(entry)  # refuses early what cannot be read
        self.made.append(_Converted(entry, {"kind": "batch_normalization"}))
        self.weighted.append(entry)
        self.told[f"its {entry.kind} layer became a BatchNormalization that computes the same"] = (
            None
        )

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
        if entry.kind in LAYERS and LAYERS[entry.kind].has_weights:
            self.weighted.append(entry)

    def _note_policy(self, entry: Entry) -> None:
        if policy(entry) not in ("", "float32"):
            self.policies[policy(entry)] = None

    def _add_block(self, entry: Entry) -> None:
        """Add a residual block and the weights of its parts."""
        if self.channels_first:
            raise entry.refuse(
                "a residual block needs images with channels last; these have them first: train "
                "the network with channels last"
            )
        for part in entry.parts:
            self._note_policy(part)
            if part.kind == "BatchNormalization":
                self._check_axis(part)
        self.made.append(_Converted(entry, residual.settings(entry)))
        weighted = ("Conv2D", "BatchNormalization")
        self.weighted += [part for part in entry.parts if part.kind in weighted]

    def _check_axis(self, entry: Entry) -> None:
        """Raise ImportModelError unless a normalization works on the last axis."""
        axis, last = entry.config.get("axis", -1), 1 if self._is_flat() else 3
        if not self.has_channels and not self._is_flat():
            raise entry.refuse(
                "it needs an image with channels; received one of 28, 28: let the input have the "
                "shape 28, 28, 1"
            )
        if axis not in (-1, last, [-1], [last]):
            raise entry.refuse(
                f"its axis must be the last one, -1; received {short_repr(axis)}: train the "
                "network without setting it"
            )

    def finish(self) -> Architecture:
        """Return the network; its output layer is checked and left out. Raises ImportModelError."""
        last = self.made[-1] if self.made else None
        output = {"kind": "dense", "units": CLASSES, "activation": "softmax"}
        if last and last.settings | output | {"activation": "linear"} == last.settings:
            last.settings["activation"] = "softmax"
            self.told["its last layer had no softmax, so one was added"] = None
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
                words += ": build it within these limits and train it again"
            raise ImportModelError(f"this network cannot be used here{name}: {words}") from None
        if self.policies:
            words = f"computed in float32 here, but in {' and '.join(self.policies)} in the file"
            self.told[words] = None
        weighted = _weighted(network, self.weighted)
        return Architecture(network, weighted, tuple(self.told), self.channels_first, self.turned)
