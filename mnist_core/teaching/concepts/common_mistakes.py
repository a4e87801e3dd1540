"""Common mistakes in counting parameters, each recognized by the wrong number that it gives."""

from collections.abc import Callable, Iterator, Sequence
from math import prod

from mnist_core.network.layers import AnyLayer, Conv2D, Pooling, Shape
from mnist_core.network.spec import Network
from mnist_core.network.summary import Row, summarize
from mnist_core.network.value import SpecError
from mnist_core.teaching.concepts.quiz import Question

Mistakes = list[tuple[int, str]]
"""Wrong counts, each with the sentence that explains it; the likeliest ones first."""


def hint(question: Question, row: Row, answer: int) -> str:
    """Return what a wrong count of a row's parameters probably comes from, as a sentence."""
    layer = question.network.layers[row.layer] if row.name != "output" else None
    inputs = question.inputs(row)
    if not row.parameters:
        values = prod(row.output_shape)
        found = [(values, f"{values:,} is the number of output values. It has no parameters.")]
    elif row.type == "BatchNormalization":
        found = _of_normalization(inputs)
    elif row.type == "Conv2D" and isinstance(layer, Conv2D):
        found = _of_convolution(layer, row, inputs)
    else:
        found = _of_dense(question, row, inputs[-1])
    for value, why in (*found, *_of_shapes(question, row)):
        if value == answer != row.parameters:
            return why
    return "Too many." if answer > row.parameters else "Too few."


def _of_convolution(layer: Conv2D, row: Row, inputs: Shape) -> Mistakes:
    k, channels, filters = layer.kernel_size, inputs[-1], layer.filters
    bias = 0 if layer.batch_normalization else filters
    weights = k * k * channels * filters
    of_biases = [
        (weights, "You forgot the biases: each filter has one."),
        (weights + 1, "Each filter has its own bias; the layer does not share one."),
    ]
    if not bias:
        why = "This convolution has no biases: the beta of the batch normalization takes their "
        "place."
        of_biases = [(weights + filters, f"You counted biases. {why}")]
    return [
        *of_biases,
        (
            k * k * filters + bias,
            f"You forgot the channels: a filter has a {k} × {k} kernel for each of the {channels} "
            "input channels.",
        ),
        (k * k * filters, "You forgot the input channels and the biases."),
        (k * k * channels + (bias > 0), f"That is one filter. The layer has {filters} of them."),
        (k * channels * filters + bias, f"A kernel has {k} × {k} weights, not {k}."),
        (
            k * k * filters * filters + bias,
            "You used the output channels instead of the input channels: each filter has one "
            f"kernel for each of the {channels} input channels.",
        ),
        (
            row.parameters * prod(row.output_shape[:-1]),
            "You counted the weights at every position. They are shared: the same kernel slides "
            "over the whole image.",
        ),
        (prod(row.output_shape), "That is the number of output values, not of parameters."),
    ]


def _of_normalization(inputs: Shape) -> Mistakes:
    channels = inputs[-1]
    return [
        (
            2 * channels,
            "You counted 2 per channel, gamma and beta. The moving mean and variance are "
            "parameters too, though not trained: 4 per channel.",
        ),
        (channels, "Each channel has 4 parameters: gamma, beta, moving mean, moving variance."),
        (4 * prod(inputs), "It has 4 parameters per channel, the same ones at all positions."),
        (0, "It learns a scale (gamma) and shift (beta) per channel, and keeps mean and variance."),
    ]


def _of_dense(question: Question, row: Row, values: int) -> Mistakes:
    units = row.output_shape[-1]
    return [
        (values * units, "You forgot the biases: each unit has one."),
        (values * units + 1, "Each unit has its own bias; the layer does not share one."),
        (
            values * units + values,
            f"The biases belong to the {units} units, not to the {values:,} values that come in.",
        ),
        *_of_layer_before(question, row, values),
        (
            units * units + units,
            "You used the output shape instead of the input shape: each unit has one weight for "
            f"each of the {values:,} input values.",
        ),
        (values + units, "Every input is connected to every unit: multiply, then add the biases."),
    ]


def _of_layer_before(question: Question, row: Row, values: int) -> Mistakes:
    """Return the counts of someone who misreads how the layer before makes a row of its input."""
    units = row.output_shape[-1]
    before = question.summary.rows[question.summary.rows.index(row) - 1]
    inputs = question.inputs(before)
    if before.type == "Flatten":
        height, width, channels = inputs
        block = f"{height} × {width} × {channels} values come in, {values:,} in all"
        return [
            (channels * units + units, f"You forgot the flatten: {block}."),
            (height * width * units + units, f"You forgot the channels: {block}."),
        ]
    if before.type == "GlobalAveragePooling2D":
        why = f"leaves one value per channel: {values} come in, not {prod(inputs):,}."
        return [(prod(inputs) * units + units, f"Global average pooling {why}")]
    return []


def _of_shapes(question: Question, row: Row) -> Iterator[tuple[int, str]]:
    """Yield the counts that follow from misread shapes."""
    at = question.summary.rows.index(row)
    for change, why in _MISREAD:
        try:
            network = Network(layers=tuple(change(layer) for layer in question.network.layers))
            yield summarize(network).rows[at].parameters, why
        except SpecError:
            continue


def _with(kind: type[Conv2D] | type[Pooling], **settings: object) -> Callable[[AnyLayer], AnyLayer]:
    """Return a function that changes these settings of the layers of one kind."""
    return lambda layer: layer.model_copy(update=settings) if isinstance(layer, kind) else layer


_MISREAD = (
    (
        _with(Pooling, padding="same"),
        "Pooling leaves out a window that does not fit at the edge: sizes round down.",
    ),
    (
        _with(Pooling, pool_size=1, strides=None, padding="valid"),
        "You forgot that pooling shrinks the image before it is flattened.",
    ),
    (
        _with(Conv2D, padding="same"),
        "You forgot that a valid convolution shrinks the image: height and width lose k - 1.",
    ),
    (
        _with(Conv2D, padding="valid"),
        "Look at the padding: same keeps the size of the image (with stride 1).",
    ),
    (_with(Conv2D, strides=1), "You forgot the strides: a stride of 2 halves height and width."),
)


def hint_total(question: Question, answers: Sequence[int], answer: int) -> str:
    """Return what a wrong total probably comes from. answers: the counts given for the rows."""
    whole = question.summary
    if answer == sum(answers):
        return "The sum is right for your numbers: correct the layers above, then the total."
    if answer == whole.parameters - whole.rows[-1].parameters:
        return "You forgot the output layer: it counts as well."
    if answer == whole.trainable:
        return "These are only the trainable ones. The total includes the moving averages too."
    if answer == whole.parameters * 4:
        return "That is the memory in bytes, 4 per parameter; count the parameters themselves."
    return f"It should be the sum of the layers above; yours is {sum(answers):,}."


def hint_trainable(question: Question, answer: int) -> str:
    """Return what a wrong count of trainable parameters probably comes from."""
    whole = question.summary
    if answer == whole.parameters:
        return (
            "You counted 4 per channel of batch normalization; only 2 are trainable, gamma and "
            "beta. The moving mean and variance are kept, not trained."
        )
    if answer == whole.parameters - 2 * whole.non_trainable:
        return "Gamma and beta are trained: 2 of the 4 per channel of batch normalization."
    return "It is the total minus the moving mean and variance of each normalized channel."
