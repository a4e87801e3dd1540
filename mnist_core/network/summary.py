"""The network summary: shapes, parameters, multiply-adds and memory, layer by layer."""

from dataclasses import dataclass
from math import prod

from mnist_core.network.layers import (
    AnyLayer,
    AveragePooling2D,
    BatchNormalization,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalAveragePooling2D,
    MaxPooling2D,
    Shape,
)
from mnist_core.network.spec import CLASSES, IMAGE_SHAPE, MAX_LAYERS, Network, too_many_layers
from mnist_core.network.value import SpecError

OUTPUT = Dense(units=CLASSES, activation="linear")
"""The output layer, for its shape and cost; a spec cannot choose its softmax for other layers."""

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
"""The limits on any machine; a hosted server may allow less (`storage.quota.network_limits`)."""


@dataclass(frozen=True)
class Row:
    """The summary of one Keras layer.

    output_shape has no batch axis; layer is the position in the spec, from 0; arithmetic is how the
    parameters are counted; multiply_adds are per image; receptive_field is a side in pixels.
    """

    name: str
    type: str
    layer: int
    output_shape: Shape
    parameters: int
    non_trainable: int
    arithmetic: str
    multiply_adds: int
    receptive_field: int
    activation: str

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
        """The moving means and variances of batch normalization."""
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


def summarize(network: Network) -> Summary:
    """Return the summary of a network, with names and shapes as Keras gives them."""
    rows: list[Row] = []
    names: dict[str, int] = {}
    shapes = network.shapes()
    field, jump = 1, 1
    for index, layer in enumerate((*network.layers, OUTPUT)):
        inputs = shapes[index]
        outputs = layer.output_shape(inputs)
        field, jump = _receptive_field(layer, inputs, field, jump)
        for part in _parts(layer, inputs, outputs):
            name = _snake(part.type)
            names[name] = names.get(name, 0) + 1
            rows.append(
                Row(
                    name="output" if layer is OUTPUT else f"{name}_{names[name]}",
                    type=part.type,
                    layer=index,
                    output_shape=outputs,
                    parameters=part.parameters,
                    non_trainable=part.non_trainable,
                    arithmetic=part.arithmetic,
                    multiply_adds=part.multiply_adds,
                    receptive_field=field,
                    activation="softmax" if layer is OUTPUT else part.activation,
                )
            )
    return Summary(tuple(rows))


def check_limits(network: Network, limits: Limits = DEFAULT_LIMITS) -> Summary:
    """Return the summary of a network. Raises SpecError, with rule and value, over the limits."""
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
            f"a network may need at most {limits.multiply_adds:,} multiply-adds an image; this one "
            f"needs {summary.multiply_adds:,}, of which {largest.multiply_adds:,} in "
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


@dataclass(frozen=True)
class _Part:
    """The cost of one Keras layer."""

    type: str
    parameters: int = 0
    non_trainable: int = 0
    arithmetic: str = "0"
    multiply_adds: int = 0
    activation: str = ""


def _parts(layer: AnyLayer, inputs: Shape, outputs: Shape) -> list[_Part]:
    """Return the Keras layers of a layer of the spec: one, or three for Conv2D with bn."""
    match layer:
        case Conv2D(kernel_size=k, filters=filters, batch_normalization=normalized):
            channels, bias = inputs[-1], 0 if normalized else filters
            weights = k * k * channels * filters
            convolution = _Part(
                "Conv2D",
                weights + bias,
                arithmetic=f"{k}*{k}*{channels}*{filters}"
                + ("" if normalized else f" + {filters}")
                + f" = {weights + bias:,}",
                multiply_adds=prod(outputs[:-1]) * weights,
                activation="linear" if normalized else layer.activation,
            )
            if not normalized:
                return [convolution]
            activation = _Part("Activation", activation=layer.activation)
            return [convolution, _normalization(outputs), activation]
        case Dense(units=units):
            weights = inputs[-1] * units
            return [
                _Part(
                    "Dense",
                    weights + units,
                    arithmetic=f"{inputs[-1]}*{units} + {units} = {weights + units:,}",
                    multiply_adds=prod(inputs[:-1]) * weights,
                    activation=layer.activation,
                )
            ]
        case BatchNormalization():
            return [_normalization(outputs)]
        case Flatten():
            sides = "*".join(map(str, inputs))
            return [_Part("Flatten", arithmetic=f"0 ({sides} = {prod(inputs):,} values)")]
        case MaxPooling2D() | AveragePooling2D() | GlobalAveragePooling2D() | Dropout():
            return [_Part(type(layer).__name__)]


def _normalization(shape: Shape) -> _Part:
    """Gamma and beta are trainable, moving mean and variance are not."""
    channels = shape[-1]
    return _Part(
        "BatchNormalization",
        4 * channels,
        2 * channels,
        f"4*{channels} = {4 * channels:,}",
        prod(shape),
    )


def _receptive_field(layer: AnyLayer, inputs: Shape, field: int, jump: int) -> tuple[int, int]:
    """Return receptive field and jump after a layer, from those before it, in pixels of the image.

    The receptive field is the side of the square that one value depends on; the jump is the
    distance of the squares of neighboring values.
    """
    match layer:
        case Conv2D(kernel_size=window, strides=strides):
            pass
        case MaxPooling2D(pool_size=window) | AveragePooling2D(pool_size=window):
            strides = layer.step
        case GlobalAveragePooling2D():
            return IMAGE_SHAPE[0], jump
        case Dense() if len(inputs) == 1:
            return IMAGE_SHAPE[0], jump
        case Dense() | Flatten() | Dropout() | BatchNormalization():
            return field, jump
    return min(IMAGE_SHAPE[0], field + (window - 1) * jump), jump * strides


def _snake(name: str) -> str:
    """Return the default name that Keras gives a layer: MaxPooling2D -> max_pooling2d."""
    return (
        "".join(f"_{c.lower()}" if c.isupper() else c for c in name).strip("_").replace("2_d", "2d")
    )
