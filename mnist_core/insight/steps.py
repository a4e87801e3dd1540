"""The arithmetic behind one value of a layer's output, step by step; NumPy alone.

Each value is computed in float64 from the layer's input and weights, so that it can be compared
with TensorFlow's. Positions are counted from 0, row first.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from scipy.special import softmax

from mnist_core.insight.window import Window, window_at
from mnist_core.network.activations import activation
from mnist_core.network.layers import (
    IMAGE_SHAPE,
    AnyLayer,
    Conv2D,
    DepthwiseConv2D,
    LeakyReLU,
    Padding,
    Pooling,
    SeparableConv2D,
    Shape,
    ZeroPadding2D,
)
from mnist_core.network.layers.batch_normalization import EPSILON
from mnist_core.network.spec import Network
from mnist_core.network.summary import Row, summarize


@dataclass(frozen=True, eq=False)
class ConvolutionStep:
    """One value of a convolution: z = sum over window and channels of input * kernel, plus bias.

    kernel, products: (k, k, c); channel_sums: (c,); bias: None if batch normalization follows;
    channel: the only channel of the input that it reads, None if it reads them all.
    """

    window: Window
    kernel: np.ndarray
    products: np.ndarray
    channel_sums: np.ndarray
    bias: float | None
    activation: str
    z: float
    value: float
    channel: int | None = None


def convolve_at(
    inputs: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray | None,
    strides: int,
    padding: Padding,
    channel: int,
    row: int,
    column: int,
    activated: str = "linear",
) -> ConvolutionStep:
    """Return the step behind one value of a convolution; like Keras, it does not flip the kernel.

    inputs: (h, w, c); kernel: (k, k, c, f); bias: (f,); activated: the name of the activation.
    """
    window = window_at(inputs, len(kernel), strides, padding, row, column)
    own = kernel[..., channel].astype(np.float64)
    products = window.values * own
    sums = products.sum(axis=(0, 1))
    offset = None if bias is None else float(bias[channel])
    z = float(sums.sum()) + (offset or 0.0)
    value = float(activation(activated, z))
    return ConvolutionStep(window, own, products, sums, offset, activated, z, value)


@dataclass(frozen=True, eq=False)
class PoolStep:
    """One value of a pooling layer.

    values: (k, k), NaN outside of the input; winner: (row, column) of the maximum in the window,
    None for an average.
    """

    window: Window
    values: np.ndarray
    winner: tuple[int, int] | None
    value: float


def pool_at(
    inputs: np.ndarray,
    largest: bool,
    size: int,
    strides: int,
    padding: Padding,
    channel: int,
    row: int,
    column: int,
) -> PoolStep:
    """Return the step behind one value of a pooling; cells in the padding do not count.

    inputs: (h, w, c); largest: max pooling if true, else average pooling.
    """
    window = window_at(inputs, size, strides, padding, row, column)
    own = window.values[..., channel]
    values = np.where(window.inside, own, np.nan)
    if not largest:
        return PoolStep(window, values, None, float(own[window.inside].mean()))
    first, second = divmod(int(np.where(window.inside, own, -np.inf).argmax()), size)
    return PoolStep(window, values, (first, second), float(own[first, second]))


@dataclass(frozen=True, eq=False)
class DenseStep:
    """One unit: z = sum of input * weight, plus bias. inputs, weights, contributions: (d,)."""

    inputs: np.ndarray
    weights: np.ndarray
    contributions: np.ndarray
    bias: float
    activation: str
    z: float
    value: float


def dense_at(
    inputs: np.ndarray,
    kernel: np.ndarray,
    bias: np.ndarray,
    unit: int,
    activated: str = "linear",
) -> DenseStep:
    """Return the step behind one unit of a dense layer.

    inputs: (d,); kernel: (d, units); bias: (units,); activated: the name of the activation.
    """
    own = kernel[:, unit].astype(np.float64)
    contributions = inputs.astype(np.float64) * own
    z = float(contributions.sum() + bias[unit])
    value = float(activation(activated, z))
    return DenseStep(inputs, own, contributions, float(bias[unit]), activated, z, value)


@dataclass(frozen=True, eq=False)
class SoftmaxStep:
    """One class of the output layer. logits, probabilities: (10,); value: its probability."""

    dense: DenseStep
    logits: np.ndarray
    probabilities: np.ndarray
    value: float


def classify_at(
    inputs: np.ndarray, kernel: np.ndarray, bias: np.ndarray, digit: int
) -> SoftmaxStep:
    """Return the step behind one probability. inputs: (d,); kernel: (d, 10); bias: (10,)."""
    logits = inputs.astype(np.float64) @ kernel.astype(np.float64) + bias
    shares = softmax(logits)
    return SoftmaxStep(dense_at(inputs, kernel, bias, digit), logits, shares, float(shares[digit]))


@dataclass(frozen=True)
class NormalizationStep:
    """One value of a normalization: gamma * (x - mean) / sqrt(variance + EPSILON) + beta.

    mean, variance: of batch normalization the moving averages at the end of training, of layer
    normalization those of all channels at this place.
    """

    x: float
    gamma: float
    beta: float
    mean: float
    variance: float

    @property
    def value(self) -> float:
        """The normalized value."""
        return self.gamma * (self.x - self.mean) / sqrt(self.variance + EPSILON) + self.beta


@dataclass(frozen=True)
class FromStep:
    """A value that depends on one input value alone: activation of the input at `place`.

    place: None for a value of a border, which is 0.
    """

    place: Shape | None
    x: float
    activation: str
    value: float


@dataclass(frozen=True)
class SlopeStep:
    """One value of a layer that multiplies negative values by a slope."""

    x: float
    slope: float

    @property
    def value(self) -> float:
        """The value itself, or the slope times a negative one."""
        return self.x if self.x >= 0 else self.slope * self.x


@dataclass(frozen=True)
class SumStep:
    """One value of a residual block's sum: that of the convolutions and that of the shortcut."""

    x: float
    shortcut: float

    @property
    def value(self) -> float:
        """The sum."""
        return self.x + self.shortcut


Step = (
    ConvolutionStep
    | PoolStep
    | DenseStep
    | SoftmaxStep
    | NormalizationStep
    | FromStep
    | SlopeStep
    | SumStep
)


@dataclass(frozen=True, eq=False)
class _Question:
    """A layer, its weights by their own names, its input, and the place of the value to explain.

    layer: None for the output layer; shortcut: the second input of an addition.
    """

    row: Row
    layer: AnyLayer | None
    weights: Mapping[str, np.ndarray]
    inputs: np.ndarray
    place: Shape
    shortcut: np.ndarray | None = None


def step_at(
    network: Network,
    row: Row,
    weights: Mapping[str, np.ndarray],
    inputs: np.ndarray,
    place: Shape,
    shortcut: np.ndarray | None = None,
) -> Step:
    """Return the step behind one value of a layer's output.

    inputs: the layer's input without the batch axis; place: an index into the layer's output;
    shortcut: the second input of an addition.
    """
    layer = None if row.name == "output" else network.layers[row.layer]
    own = {name: weights[f"{row.name}/{name}"] for name in row.keras.weights}
    return _STEPS[row.type](_Question(row, layer, own, inputs, place, shortcut))


def _convolution(asked: _Question) -> Step:
    layer = asked.row.keras.reads or asked.layer
    assert isinstance(layer, Conv2D)
    kernel, bias = asked.weights["kernel"], asked.weights.get("bias")
    slide = layer.strides, layer.padding
    row, column, channel = asked.place
    return convolve_at(
        asked.inputs, kernel, bias, *slide, channel, row, column, asked.row.activation
    )


def _separable_convolution(asked: _Question) -> Step:
    assert isinstance(asked.layer, SeparableConv2D)
    kernel = asked.weights["depthwise_kernel"] * asked.weights["pointwise_kernel"]
    row, column, channel = asked.place
    where = asked.layer.strides, asked.layer.padding, channel, row, column
    return convolve_at(asked.inputs, kernel, asked.weights["bias"], *where, asked.row.activation)


def _depthwise_convolution(asked: _Question) -> Step:
    assert isinstance(asked.layer, DepthwiseConv2D)
    row, column, channel = asked.place
    own = slice(channel, channel + 1)
    kernel, bias = asked.weights["kernel"][:, :, own], asked.weights["bias"][own]
    where = asked.layer.strides, asked.layer.padding, 0, row, column
    step = convolve_at(asked.inputs[..., own], kernel, bias, *where, asked.row.activation)
    return replace(step, channel=channel)


def _pooling(asked: _Question) -> Step:
    assert isinstance(asked.layer, Pooling)
    row, column, channel = asked.place
    slide = *asked.layer.sliding, asked.layer.padding
    return pool_at(asked.inputs, asked.row.type.startswith("Max"), *slide, channel, row, column)


def _global_pooling(asked: _Question) -> Step:
    side = len(asked.inputs)
    largest = asked.row.type == "GlobalMaxPooling2D"
    return pool_at(asked.inputs, largest, side, side, "valid", asked.place[0], 0, 0)


def _dense(asked: _Question) -> Step:
    kernel, bias = asked.weights["kernel"], asked.weights["bias"]
    if asked.layer is None:
        return classify_at(asked.inputs, kernel, bias, asked.place[0])
    inputs = asked.inputs[asked.place[:-1]]
    return dense_at(inputs, kernel, bias, asked.place[-1], asked.row.activation)


def _batch_normalization(asked: _Question) -> Step:
    names = ("gamma", "beta", "moving_mean", "moving_variance")
    numbers = [float(asked.weights[name][asked.place[-1]]) for name in names]
    return NormalizationStep(float(asked.inputs[asked.place]), *numbers)


def _layer_normalization(asked: _Question) -> Step:
    channels, channel = asked.inputs[asked.place[:-1]].astype(np.float64), asked.place[-1]
    gamma, beta = (float(asked.weights[name][channel]) for name in ("gamma", "beta"))
    mean, variance = float(channels.mean()), float(channels.var())
    return NormalizationStep(float(channels[channel]), gamma, beta, mean, variance)


def _leaky_relu(asked: _Question) -> Step:
    assert isinstance(asked.layer, LeakyReLU)
    return SlopeStep(float(asked.inputs[asked.place]), asked.layer.negative_slope)


def _prelu(asked: _Question) -> Step:
    slopes = np.broadcast_to(asked.weights["alpha"], asked.inputs.shape)
    return SlopeStep(float(asked.inputs[asked.place]), float(slopes[asked.place]))


def _add(asked: _Question) -> Step:
    assert asked.shortcut is not None
    return SumStep(float(asked.inputs[asked.place]), float(asked.shortcut[asked.place]))


def _flatten(asked: _Question) -> Step:
    source = np.unravel_index(asked.place[0], asked.inputs.shape)
    return _from(asked, tuple(int(index) for index in source))


def _same_place(asked: _Question) -> Step:
    return _from(asked, asked.place)


def _zero_padding(asked: _Question) -> Step:
    assert isinstance(asked.layer, ZeroPadding2D)
    row, column, channel = asked.place
    source = row - asked.layer.padding, column - asked.layer.padding, channel
    inside = all(0 <= index < side for index, side in zip(source, asked.inputs.shape, strict=True))
    return _from(asked, source) if inside else FromStep(None, 0.0, "linear", 0.0)


def _from(asked: _Question, place: Shape) -> FromStep:
    x, name = float(asked.inputs[place]), asked.row.activation or "linear"
    return FromStep(place, x, name, float(activation(name, x)))


_STEPS: dict[str, Callable[[_Question], Step]] = {
    "Activation": _same_place,
    "Add": _add,
    "AveragePooling2D": _pooling,
    "BatchNormalization": _batch_normalization,
    "Conv2D": _convolution,
    "Dense": _dense,
    "DepthwiseConv2D": _depthwise_convolution,
    "Dropout": _same_place,
    "Flatten": _flatten,
    "GlobalAveragePooling2D": _global_pooling,
    "GlobalMaxPooling2D": _global_pooling,
    "LayerNormalization": _layer_normalization,
    "LeakyReLU": _leaky_relu,
    "MaxPooling2D": _pooling,
    "PReLU": _prelu,
    "SeparableConv2D": _separable_convolution,
    "SpatialDropout2D": _same_place,
    "ZeroPadding2D": _zero_padding,
}
"""By the name of the layer's class in Keras."""


def flattened(network: Network, row: Row) -> Shape | None:
    """Return the shape (h, w, c) of the feature maps that a Flatten turned into a layer's input.

    None if the input consists of other values, such as the units of another layer.
    """
    rows = summarize(network).rows
    shapes = [IMAGE_SHAPE, *(each.output_shape for each in rows)]  # the input of each layer
    for at in reversed(range(rows.index(row))):
        if rows[at].type == "Flatten" and len(shapes[at]) == 3:
            return shapes[at]
        if rows[at].type != "Flatten" and not network.layers[rows[at].layer].keeps_places:
            break
    return None
