"""The layers that a network may have: frozen values that know the shape they make.

Their names, settings and defaults are Keras's; `notation` writes them short, `build` makes them
real.
"""

from collections.abc import Callable
from math import ceil, prod
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import shown, without_markup

Shape = tuple[int, ...]
"""A shape without the batch axis: (height, width, channels) or (units,)."""

Activation = Literal["relu", "leaky_relu", "elu", "gelu", "selu", "sigmoid", "tanh", "linear"]
Padding = Literal["valid", "same"]
MOST_LAYERS = 24
"""So many may be trained; a few more may be read, to be shown and mended."""
MOST_JSON = 100_000
"""Characters: the largest value takes a tenth of them."""

L2 = Annotated[float, Field(ge=0, le=1, description="L2 weight penalty on the kernel.")]


class SpecError(MnistError):
    """A setting or a layer that cannot work; `layer` is the layer's position from 0, or None."""

    def __init__(self, message: str, layer: int | None = None) -> None:
        super().__init__(message)
        self.layer = layer


def explain(error: ValidationError) -> str:
    """The first problem that pydantic found, as one sentence with the value received."""
    first = error.errors(include_url=False)[0]
    context = first.get("ctx") or {}
    where = without_markup(".".join(str(part)[:40] for part in first["loc"])[:100]) or "the value"
    if first["type"] == "extra_forbidden":
        return f"there is no setting called {where}: check its spelling or leave it out"
    if first["type"] == "missing":
        return f"{where} is missing: it has no default, so give it a value"
    if first["type"] == "json_invalid":
        problem = context["error"]
        return f"this is not valid JSON ({problem}): check brackets, commas and quotes"
    if first["type"] == "union_tag_invalid":
        kinds = context["expected_tags"].replace("'", "")
        return f"there is no layer of the kind {shown(context['tag'], 40)}: choose one of {kinds}"
    if first["type"] == "union_tag_not_found":
        received = shown(first["input"])
        return f"a layer needs its kind, such as {{'kind': 'flatten'}}; received {received}"
    if first["type"] == "int_parsing_size":
        return f"{where} must be a number of fewer digits; received {shown(first['input'])}"
    rule = first["msg"].removeprefix("Input ").replace("should be", "must be", 1)
    return f"{where} {rule}; received {shown(first['input'])}"


class Value(BaseModel):
    """A frozen value whose validation errors are sentences (`SpecError`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @model_validator(mode="wrap")
    @classmethod
    def _explain(cls, data: Any, handler: Callable[[Any], Self]) -> Self:
        try:
            return handler(data)
        except ValidationError as error:
            raise SpecError(explain(error)) from None

    def to_json(self) -> str:
        """Canonical JSON: every setting written out, in the order of its class."""
        return self.model_dump_json()

    @classmethod
    def from_json(cls, text: str | bytes) -> Self:
        """Raises SpecError on anything that is not a whole and valid value."""
        if len(text) > MOST_JSON:
            raise SpecError(
                f"this JSON may have at most {MOST_JSON:,} characters; received {len(text):,}: "
                "leave out what is no setting"
            )
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise SpecError(explain(error)) from None


class Layer(Value):
    """One layer of the notation. `output_shape` raises SpecError where Keras would refuse it."""

    def output_shape(self, inputs: Shape) -> Shape:
        """The shape after the layer, batch axis left out."""
        return inputs


def _positions(size: int, window: int, strides: int, padding: Padding) -> int:
    """Output positions of a window along one side: (n + 2p - k) / stride + 1, rounded down."""
    return ceil(size / strides) if padding == "same" else (size - window) // strides + 1


class Windowed(Layer):
    """A layer that slides a square window over height and width."""

    padding: Padding = "valid"

    def _slide(self, inputs: Shape, window: int, strides: int, name: str) -> tuple[int, int]:
        """Height and width after sliding; refuses vectors and windows larger than the input."""
        if len(inputs) != 3:
            raise SpecError(
                f"{name} needs height, width and channels, but receives a vector of {inputs[0]}: "
                "move it before the layer that makes the vector, or remove it"
            )
        height, width, _ = inputs
        if self.padding == "valid" and min(height, width) < window:
            raise SpecError(
                f"a {window}x{window} `valid` {name} needs at least {window}x{window}, but "
                f"receives {height}x{width}: use `same` padding, or let fewer layers before it "
                "shrink the image"
            )
        return (
            _positions(height, window, strides, self.padding),
            _positions(width, window, strides, self.padding),
        )


class Conv2D(Windowed):
    """2-D convolution with square kernels; with batch normalization its bias is left out."""

    kind: Literal["conv2d"] = "conv2d"
    filters: Annotated[int, Field(ge=1, le=1024)]
    kernel_size: Annotated[int, Field(ge=1, le=7)] = 3
    strides: Annotated[int, Field(ge=1, le=7)] = 1
    activation: Activation = "relu"
    batch_normalization: bool = False
    l2: L2 = 0.0

    def output_shape(self, inputs: Shape) -> Shape:
        return *self._slide(inputs, self.kernel_size, self.strides, "convolution"), self.filters


class Pooling(Windowed):
    """Common to both kinds of pooling; `strides` None means `pool_size`, as in Keras."""

    pool_size: Annotated[int, Field(ge=1, le=28)] = 2
    strides: Annotated[int, Field(ge=1, le=28)] | None = None

    @property
    def step(self) -> int:
        """The stride in use, in pixels."""
        return self.strides or self.pool_size

    def output_shape(self, inputs: Shape) -> Shape:
        return *self._slide(inputs, self.pool_size, self.step, "pooling"), inputs[-1]


class MaxPooling2D(Pooling):
    """The largest value of each window."""

    kind: Literal["max_pooling2d"] = "max_pooling2d"


class AveragePooling2D(Pooling):
    """The mean of each window."""

    kind: Literal["average_pooling2d"] = "average_pooling2d"


class GlobalAveragePooling2D(Layer):
    """The mean of each channel over the whole image."""

    kind: Literal["global_average_pooling2d"] = "global_average_pooling2d"

    def output_shape(self, inputs: Shape) -> Shape:
        if len(inputs) != 3:
            raise SpecError(
                "GlobalAveragePooling2D needs height, width and channels, but receives a vector "
                f"of {inputs[0]}: it replaces Flatten, so keep one of the two"
            )
        return inputs[-1:]


class BatchNormalization(Layer):
    """Each channel brought to mean 0 and variance 1 over the batch, then scaled and shifted."""

    kind: Literal["batch_normalization"] = "batch_normalization"


class Dropout(Layer):
    """While training, each value is set to 0 with probability `rate`; the rest are scaled up."""

    kind: Literal["dropout"] = "dropout"
    rate: Annotated[float, Field(ge=0, lt=1)] = 0.2


class Flatten(Layer):
    """All values in one row."""

    kind: Literal["flatten"] = "flatten"

    def output_shape(self, inputs: Shape) -> Shape:
        return (prod(inputs),)


class Dense(Layer):
    """Z = XW + b, then the activation; on an image it acts on the channels of each pixel."""

    kind: Literal["dense"] = "dense"
    units: Annotated[int, Field(ge=1, le=4096)]
    activation: Activation = "relu"
    l2: L2 = 0.0

    def output_shape(self, inputs: Shape) -> Shape:
        return *inputs[:-1], self.units


AnyLayer = Annotated[
    Conv2D
    | MaxPooling2D
    | AveragePooling2D
    | GlobalAveragePooling2D
    | BatchNormalization
    | Dropout
    | Flatten
    | Dense,
    Field(discriminator="kind"),
]
