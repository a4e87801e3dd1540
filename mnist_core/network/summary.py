"""The network summary: shapes, parameters, multiply-adds and memory, layer by layer."""

from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import TypeVar

from mnist_core.network.layers import (
    CLASSES,
    IMAGE_SHAPE,
    AnyLayer,
    Flatten,
    KerasLayer,
    Shape,
)
from mnist_core.network.receptive_field import Span, after, union, widest
from mnist_core.network.spec import MAX_LAYERS, OUTPUT, Network, too_many_layers
from mnist_core.network.value import SpecError

T = TypeVar("T")

PREDICTION_BATCH_SIZE = 250
"""Images per batch of predictions: 10 % slower than 1,000, for a quarter of the memory."""

WIDEST_BYTES = 32e6
"""The largest output of a layer per batch of predictions; TensorFlow holds two or three such."""


@dataclass(frozen=True)
class Limits:
    """The most that a network may have; multiply-adds are per image."""

    parameters: int = 2_000_000
    multiply_adds: int = 500_000_000
    layers: int = MAX_LAYERS


DEFAULT_LIMITS = Limits()
"""The limits on every machine; a hosted server may allow less (`storage.quota.network_limits`)."""


@dataclass(frozen=True)
class Row:
    """The summary of one Keras layer.

    layer is the position in the spec, from 0; output_shape has no batch axis; spans are the pixels
    behind the outputs along one side of the image, in their order; frozen: whether training leaves
    its weights as they are.
    """

    name: str
    layer: int
    keras: KerasLayer
    output_shape: Shape
    spans: tuple[Span, ...]
    frozen: bool = False

    @property
    def receptive_field(self) -> int:
        """The side in pixels of the largest square of the image that one value depends on."""
        return widest(self.spans)

    @property
    def type(self) -> str:
        """The name of its class in Keras."""
        return self.keras.type

    @property
    def parameters(self) -> int:
        """All parameters, trainable or not."""
        return self.keras.parameters

    @property
    def non_trainable(self) -> int:
        """The parameters that no gradient changes."""
        return self.parameters if self.frozen else self.keras.non_trainable

    @property
    def arithmetic(self) -> str:
        """How the parameters are counted."""
        return self.keras.arithmetic

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds per image."""
        return self.keras.multiply_adds

    @property
    def activation(self) -> str:
        """The name of its activation, empty without one."""
        return self.keras.activation

    @property
    def bytes(self) -> int:
        """Memory of the parameters in float32."""
        return 4 * self.parameters


@dataclass(frozen=True)
class Summary:
    """The summary of a network: one row per Keras layer, the output layer last."""

    rows: tuple[Row, ...]

    @property
    def parameters(self) -> int:
        """All parameters, trainable or not."""
        return sum(row.parameters for row in self.rows)

    @property
    def non_trainable(self) -> int:
        """The parameters of frozen layers, and moving means and variances."""
        return sum(row.non_trainable for row in self.rows)

    @property
    def trainable(self) -> int:
        """The parameters that training changes by gradients."""
        return self.parameters - self.non_trainable

    @property
    def multiply_adds(self) -> int:
        """Multiply-adds per image; one multiplication with its addition counts as one."""
        return sum(row.multiply_adds for row in self.rows)

    @property
    def bytes(self) -> int:
        """Memory of the parameters in float32."""
        return 4 * self.parameters


def summarize_valid(layers: Sequence[AnyLayer]) -> tuple[Row, ...]:
    """Return the rows of the layers before the first that cannot work, without the output layer.

    Empty if there are too many layers for a network.
    """
    kept: list[AnyLayer] = []
    shape: Shape = IMAGE_SHAPE
    with suppress(SpecError):
        for layer in layers:
            shape = layer.output_shape(shape)
            kept.append(layer)
    ends = [] if len(shape) == 1 else [Flatten()]  # a network ends with a vector
    try:
        rows = summarize(Network(layers=(*kept, *ends))).rows
    except SpecError:
        return ()
    return tuple(row for row in rows if row.layer < len(kept))


def summarize(network: Network, frozen: Collection[str] = ()) -> Summary:
    """Return the summary of a network, with names and shapes as Keras gives them.

    frozen: the names of the layers whose weights training leaves as they are.
    """
    rows: list[Row] = []
    shapes = [*network.shapes(), (CLASSES,)]
    spans = [Span(row, row) for row in range(IMAGE_SHAPE[0])]
    for index, group in groupby(network.keras_layers(), key=lambda named: named[1]):
        inputs, outputs = shapes[index : index + 2]
        layer: AnyLayer = network.layers[index] if index < len(network.layers) else OUTPUT
        names, _, made = zip(*group, strict=True)
        seen = _spans(layer, made, spans, inputs, outputs)
        for name, keras, spans in zip(names, made, seen, strict=True):
            rows.append(Row(name, index, keras, outputs, tuple(spans), name in frozen))
    return Summary(tuple(rows))


def _spans(
    layer: AnyLayer, made: Sequence[KerasLayer], spans: list[Span], inputs: Shape, outputs: Shape
) -> list[list[Span]]:
    """Return, for each Keras layer of a layer, the pixels behind its outputs.

    spans: behind its inputs; inputs, outputs: the shapes before and after the layer.
    """
    before = {"main": (spans, inputs), "shortcut": (spans, inputs)}
    found: list[list[Span]] = []
    for at, keras in enumerate(made):
        reader = keras.reads or (layer if at == 0 else None)
        if keras.path == "both":
            seen = [
                union(pair) for pair in zip(before["main"][0], before["shortcut"][0], strict=True)
            ]
        else:
            seen, shape = before[keras.path]
            seen = after(reader, seen, shape, outputs) if reader else seen
        before["main" if keras.path == "both" else keras.path] = seen, outputs
        found.append(seen)
    return found


def sources(rows: Sequence[Row]) -> dict[str, tuple[str, ...]]:
    """Return the names of the rows that each row reads, by its name; the image has the name ""."""
    found: dict[str, tuple[str, ...]] = {}

    def call(row: Row, read: str | tuple[str, str]) -> str:
        found[row.name] = read if isinstance(read, tuple) else (read,)
        return row.name

    connect(rows, "", call)
    return found


def kernel_names(rows: Sequence[Row]) -> list[str]:
    """Return the names of the weights that inputs are multiplied by, such as conv2d_1/kernel."""
    names = [f"{row.name}/{name}" for row in rows for name in row.keras.weights]
    return [name for name in names if name.endswith("kernel")]


def connect(rows: Sequence[Row], value: T, call: Callable[[Row, T | tuple[T, T]], T]) -> T:
    """Return the result of passing a value through the rows of a summary, in order.

    call: gets a row and what it reads: the value of the row before, of the shortcut of its layer,
    or both. The shortcut begins with what the layer reads.
    """
    shortcut, layer = value, -1
    for row in rows:
        if row.layer != layer:
            shortcut, layer = value, row.layer
        if row.keras.path == "shortcut":
            shortcut = call(row, shortcut)
        else:
            value = call(row, (value, shortcut) if row.keras.path == "both" else value)
    return value


def check_limits(network: Network, limits: Limits = DEFAULT_LIMITS) -> Summary:
    """Return the summary of a network. Raises SpecError if it is over the limits."""
    if len(network.layers) > limits.layers:
        raise SpecError(too_many_layers(len(network.layers)))
    summary = summarize(network)
    if summary.parameters > limits.parameters:
        largest = max(summary.rows, key=lambda row: row.parameters)
        raise SpecError(
            f"a network may have at most {limits.parameters:,} parameters; this one has "
            f"{summary.parameters:,}, of which {largest.parameters:,} in {largest.name} "
            f"({largest.arithmetic}): make that layer or its input smaller",
            largest.layer,
        )
    if summary.multiply_adds > limits.multiply_adds:
        largest = max(summary.rows, key=lambda row: row.multiply_adds)
        raise SpecError(
            f"a network may need at most {limits.multiply_adds:,} multiply-adds per image; this "
            f"one needs {summary.multiply_adds:,}, of which {largest.multiply_adds:,} in "
            f"{largest.name}: use fewer filters there, or pool before it",
            largest.layer,
        )
    return summary


def activation_bytes(network: Network) -> int:
    """Return the bytes of all layers' outputs per image in float32, which training keeps."""
    return sum(_outputs(network))


def prediction_batch_size(network: Network) -> int:
    """Return the batch size for predictions: smaller where a layer has large outputs."""
    return max(1, min(PREDICTION_BATCH_SIZE, int(WIDEST_BYTES // max(_outputs(network)))))


def _outputs(network: Network) -> list[int]:
    """Return the bytes of each layer's output per image in float32."""
    return [4 * prod(row.output_shape) for row in summarize(network).rows]
