"""Common mistakes in counting parameters, each recognized by the wrong number that it gives."""

from collections.abc import Iterator, Sequence
from math import prod

from mnist_core.network.layers import AnyLayer, Conv2D, Pooling, Shape
from mnist_core.network.spec import Network
from mnist_core.network.summary import Row, summarize
from mnist_core.network.value import SpecError
from mnist_core.teaching.concepts.quiz import Question


def hint(question: Question, row: Row, answer: int) -> str:
    """What a wrong count of a row's parameters probably comes from, as a sentence."""
    layer = question.network.layers[row.layer] if row.name != "output" else None
    inputs = question.inputs(row)
    if not row.parameters:
        found = _of_nothing(row)
    elif row.type == "BatchNormalization":
        found = _of_normalization(row, inputs)
    elif row.type == "Conv2D" and isinstance(layer, Conv2D):
        found = _of_convolution(layer, row, inputs)
    else:
        found = _of_dense(row, inputs[-1], *_before(question, row))
    for value, why in (*found, *_misread(question, row)):
        if value == answer != row.parameters:
            return why
    return "Too many." if answer > row.parameters else "Too few."


Mistakes = Iterator[tuple[int, str]]
"""Wrong counts, each with the sentence that explains it; the likeliest ones first."""


def _of_nothing(row: Row) -> Mistakes:
    values = prod(row.output_shape)
    yield values, f"{values:,} is the number of values that leave it. It has no weights to learn."


def _of_convolution(layer: Conv2D, row: Row, inputs: Shape) -> Mistakes:
    k, channels, filters = layer.kernel_size, inputs[-1], layer.filters
    bias = 0 if layer.batch_normalization else filters
    weights = k * k * channels * filters
    if bias:
        yield weights, "You forgot the biases: each filter has one."
        yield weights + 1, "Each filter has a bias of its own, not the whole layer one."
    else:
        yield (
            weights + filters,
            (
                "You counted biases. This convolution has none: the beta of the normalization "
                "that follows does their work."
            ),
        )
    yield (
        k * k * filters + bias,
        (
            f"You forgot the channels: each filter has a {k} × {k} kernel for every one of its "
            f"{channels} input channels."
        ),
    )
    yield k * k * filters, "You forgot the channels of the input, and the biases."
    yield (
        k * k * channels + (1 if bias else 0),
        (f"That is one filter. The layer has {filters} of them."),
    )
    yield k * channels * filters + bias, f"A kernel has {k} × {k} weights, not {k}."
    yield (
        k * k * filters * filters + bias,
        (
            "You took the channels of the output for those of the input: each filter has as many "
            f"kernels as the input has channels, {channels}."
        ),
    )
    yield (
        row.parameters * prod(row.output_shape[:-1]),
        (
            "You counted the weights anew at every position. They are shared: the same kernel "
            "slides over the whole image."
        ),
    )
    yield prod(row.output_shape), "That is the number of values that leave it, not of its weights."


def _of_normalization(row: Row, inputs: Shape) -> Mistakes:
    channels = inputs[-1]
    yield (
        2 * channels,
        (
            "You counted 2 a channel, gamma and beta. The moving mean and the moving variance are "
            "parameters too, though not trained: 4 a channel."
        ),
    )
    yield channels, "Each channel has 4 parameters: gamma, beta, moving mean, moving variance."
    yield 4 * prod(inputs), "It has 4 parameters a channel, the same ones at all positions."
    yield 0, "It learns a scale (gamma) and a shift (beta) a channel, and keeps mean and variance."


def _of_dense(row: Row, values: int, kind: str, before: Shape) -> Mistakes:
    """kind, before: the type of the layer before it, and what that layer receives."""
    units = row.output_shape[-1]
    yield values * units, "You forgot the biases: each unit has one."
    yield values * units + 1, "Each unit has a bias of its own, not the whole layer one."
    yield (
        values * units + values,
        (f"The biases belong to the {units} units, not to the {values:,} values that come in."),
    )
    if kind == "Flatten":
        height, width, channels = before
        yield (
            channels * units + units,
            (
                f"You forgot the flatten: {height} × {width} × {channels} come in as "
                f"{values:,} values, not {channels}."
            ),
        )
        yield (
            height * width * units + units,
            (f"You forgot the channels: {height} × {width} × {channels} are {values:,} values."),
        )
    if kind == "GlobalAveragePooling2D":
        yield (
            prod(before) * units + units,
            (
                f"Global average pooling leaves one value a channel: {values} come in, not "
                f"{prod(before):,}."
            ),
        )
    yield (
        units * units + units,
        (
            "You took the output shape instead of the input's: each unit has a weight for every "
            f"one of the {values:,} values that come in."
        ),
    )
    yield values + units, "Every value meets every unit: multiply, then add the biases."


def _before(question: Question, row: Row) -> tuple[str, Shape]:
    """The type of the layer before a row, which is not the first one, and what it receives."""
    before = question.summary.rows[question.summary.rows.index(row) - 1]
    return before.type, question.inputs(before)


def _misread(question: Question, row: Row) -> Mistakes:
    """Return the counts that follow from misread shapes."""
    at = question.summary.rows.index(row)
    for change, why in _SLIPS:
        layers = tuple(change(layer) for layer in question.network.layers)
        try:
            rows = summarize(Network(layers=layers)).rows
        except SpecError:
            continue
        yield rows[at].parameters, why


def _unpooled(layer: AnyLayer) -> AnyLayer:
    return type(layer)(pool_size=1) if isinstance(layer, Pooling) else layer


def _rounded_up(layer: AnyLayer) -> AnyLayer:
    return _with(layer, padding="same") if isinstance(layer, Pooling) else layer


def _padded(layer: AnyLayer) -> AnyLayer:
    return _with(layer, padding="same") if isinstance(layer, Conv2D) else layer


def _unpadded(layer: AnyLayer) -> AnyLayer:
    return _with(layer, padding="valid") if isinstance(layer, Conv2D) else layer


def _slow(layer: AnyLayer) -> AnyLayer:
    return _with(layer, strides=1) if isinstance(layer, Conv2D) else layer


def _with(layer: AnyLayer, **settings: object) -> AnyLayer:
    return layer.model_copy(update=settings)


_SLIPS = (
    (_rounded_up, "A pooling window that does not fit at the edge is left out: sizes round down."),
    (_unpooled, "You forgot that pooling shrinks the image before it is flattened."),
    (
        _padded,
        "You forgot that a valid convolution shrinks the image: height and width lose k - 1.",
    ),
    (_unpadded, "Look at the padding: same keeps the size of the image (at strides 1)."),
    (_slow, "You forgot the strides: strides 2 halve height and width."),
)


def hint_total(question: Question, answers: Sequence[int], answer: int) -> str:
    """The same for the total. answers: what was given for the rows that were asked."""
    whole = question.summary
    output = whole.rows[-1].parameters
    if answer == sum(answers):
        return "The sum is right for your numbers: mend the layers above, and then the total."
    if answer == whole.parameters - output:
        return "You forgot the output layer: it counts as well."
    if answer == whole.trainable:
        return "These are the trainable ones. The total has the moving means and variances too."
    if answer == whole.parameters * 4:
        return "That is the memory in bytes, 4 a parameter; the number of parameters is asked."
    return f"It should be the sum of the layers above; yours is {sum(answers):,}."


def hint_trainable(question: Question, answer: int) -> str:
    """The same for the trainable parameters."""
    whole = question.summary
    if answer == whole.parameters:
        return (
            "You counted 4 a channel of batch normalization; only 2 are trainable, gamma and "
            "beta. The moving mean and variance are kept, not trained."
        )
    if answer == whole.parameters - 2 * whole.non_trainable:
        return "Gamma and beta are trained: 2 of the 4 a channel of batch normalization."
    return "It is the total, less the moving mean and variance of each normalized channel."
