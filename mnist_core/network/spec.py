"""The spec of a run: a network, how it is trained, and which images it may see.

Every value is frozen, checked once where it is made, and travels as JSON. `training.model` turns
a `Network` into a Keras model.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Annotated, Literal, Self, TypeGuard

from pydantic import Field, TypeAdapter, ValidationError, field_validator, model_validator

from mnist_core.network.digits import (
    TEST_COUNTS,
    TRAINING_COUNTS,
    read_digits,
    read_writers,
    write_digits,
)
from mnist_core.network.layers import (
    CLASSES,
    IMAGE_SHAPE,
    AnyLayer,
    Dense,
    KerasLayer,
    Shape,
)
from mnist_core.network.optimizers import OWN_SETTINGS, Optimizer, owners
from mnist_core.network.value import SpecError, Value, explain
from mnist_core.utils.text import one_line, short_repr, snake_case

MAX_WRITERS = 1000
"""Writers whose digits a run may learn from: a spec lists them all."""

COLLECTION_LENGTH = 40
"""The largest number of characters in the name of an imported set of handwriting."""

MAX_LAYERS = 24
"""The most layers of a network that is trained; up to twice as many are read, for repair."""


OUTPUT = Dense(units=CLASSES, activation="linear")
"""The output layer, for its shape and cost; a spec cannot choose its softmax for other layers."""


def too_many_layers(layers: int) -> str:
    """Return the error message for a network with too many layers."""
    return f"a network may have at most {MAX_LAYERS} layers; this one has {layers:,}: remove some"


_ANY_LAYER: TypeAdapter[AnyLayer] = TypeAdapter(AnyLayer)


class Network(Value):
    """The layers between the 28x28x1 image and the output layer, which is Dense(10, softmax)."""

    layers: tuple[AnyLayer, ...]

    @field_validator("layers", mode="before")
    @classmethod
    def _validate_each_layer(cls, layers: object) -> tuple[AnyLayer, ...]:
        """Validate layer by layer, so that an error can say which one is wrong."""
        if not _is_sequence(layers):
            raise SpecError(f"layers must be a list of layers; received {short_repr(layers)}")
        if len(layers) > 2 * MAX_LAYERS:
            raise SpecError(too_many_layers(len(layers)))
        made: list[AnyLayer] = []
        for index, layer in enumerate(layers):
            try:
                made.append(_ANY_LAYER.validate_python(layer))
            except SpecError as error:
                raise SpecError(f"layer {index + 1}: {error}", index) from None
            except ValidationError as error:
                raise SpecError(f"layer {index + 1}: {explain(error)}", index) from None
        return tuple(made)

    @model_validator(mode="after")
    def _shapes_fit(self) -> Self:
        if len(self.shapes()[-1]) != 1:
            height, width, channels = self.shapes()[-1]
            dense = [index for index, layer in enumerate(self.layers) if layer.kind == "dense"]
            raise SpecError(
                "the output layer Dense(10, softmax) needs a vector, but receives "
                f"{height}x{width}x{channels}: "
                + (
                    f"put Flatten (F) before layer {dense[0] + 1}, the first Dense"
                    if dense
                    else "add Flatten or GlobalAveragePooling2D at the end"
                ),
                dense[0] if dense else len(self.layers),
            )
        return self

    def shapes(self) -> list[Shape]:
        """Return the shapes before the first layer and after each layer, without the batch axis."""
        shapes = [IMAGE_SHAPE]
        for index, layer in enumerate(self.layers):
            try:
                shapes.append(layer.output_shape(shapes[-1]))
            except SpecError as error:
                raise SpecError(f"layer {index + 1}: {error}", index) from None
        return shapes

    def keras_layers(self) -> Iterator[tuple[str, int, KerasLayer]]:
        """Yield name, position in the spec and description of each layer of the Keras model.

        Named as Keras does, counted from 1; the output layer, with softmax, comes last.
        """
        counts: Counter[str] = Counter()
        *shapes, vector = self.shapes()
        for index, (layer, inputs) in enumerate(zip(self.layers, shapes, strict=True)):
            for keras in layer.keras_layers(inputs):
                name = snake_case(keras.type)
                counts[name] += 1
                yield f"{name}_{counts[name]}", index, keras
        (output,) = OUTPUT.keras_layers(vector)
        softmax = {"activation": "softmax"}
        yield "output", len(self.layers), replace(output, activation="softmax", options=softmax)


class Augmentation(Value):
    """Random changes to every training image, different in each epoch; all 0 means none."""

    shift: Annotated[int, Field(ge=0, le=8, description="Up to this many whole pixels.")] = 0
    rotation: Annotated[float, Field(ge=0, le=45, description="Up to this many degrees.")] = 0
    zoom: Annotated[float, Field(ge=0, le=0.5, description="Up to this share of the size.")] = 0


ScheduleName = Literal["constant", "cosine", "one_cycle", "step", "range_test"]


class Training(Value):
    """How a network is trained. The defaults are those of Keras where Keras has one."""

    optimizer: Optimizer = "adam"
    learning_rate: Annotated[
        float, Field(gt=0, le=10, description="The peak, if a schedule changes it.")
    ] = 0.001
    momentum: Annotated[float, Field(ge=0, lt=1, description="SGD only.")] = 0.0
    nesterov: Annotated[bool, Field(description="SGD with momentum only.")] = False
    weight_decay: Annotated[
        float | None, Field(ge=0, le=1, description="AdamW only; Keras's own is 0.004.")
    ] = None
    beta_1: Annotated[
        float, Field(ge=0, lt=1, description="Adam and variants: decay of the mean gradient.")
    ] = 0.9
    beta_2: Annotated[
        float,
        Field(ge=0, lt=1, description="Adam and variants: decay of the mean squared gradient."),
    ] = 0.999
    schedule: Annotated[
        ScheduleName,
        Field(
            description="cosine: down to 0; one_cycle: up over a quarter of the steps, down to "
            "1 %; step: a tenth after half, a hundredth after three quarters; range_test: up from "
            "a millionth of the peak, to find a learning rate."
        ),
    ] = "constant"
    loss: Literal["sparse_categorical_crossentropy", "categorical_crossentropy"] = (
        "sparse_categorical_crossentropy"
    )
    label_smoothing: Annotated[
        float, Field(ge=0, lt=1, description="With categorical_crossentropy only.")
    ] = 0.0
    batch_size: Annotated[int, Field(ge=1, le=4096)] = 128
    epochs: Annotated[int, Field(ge=1, le=1000)] = 5
    early_stopping: Annotated[
        int | None,
        Field(
            ge=1,
            le=1000,
            description="Stop after this many epochs without a lower val_loss, and go back to "
            "the best epoch's weights.",
        ),
    ] = None
    precision: Annotated[
        Literal["float32", "mixed_bfloat16"],
        Field(description="mixed_bfloat16 is faster where the processor has it natively."),
    ] = "float32"
    augmentation: Augmentation = Augmentation()
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 0

    @model_validator(mode="after")
    def _settings_fit(self) -> Self:
        for name in OWN_SETTINGS:
            value, default = getattr(self, name), type(self).model_fields[name].default
            if value != default and self.optimizer not in owners(name):
                choices = " or ".join(owners(name))
                raise SpecError(
                    f"{name} is a setting of {choices}; received {name}={value} with "
                    f"optimizer={self.optimizer}: choose {choices}, or leave {name} out"
                )
        if self.nesterov and not self.momentum:
            raise SpecError(
                "nesterov needs sgd with momentum; received momentum=0.0: set momentum, for "
                "example to 0.9, or switch nesterov off"
            )
        if self.label_smoothing and self.loss != "categorical_crossentropy":
            raise SpecError(
                "label_smoothing needs one-hot labels; received "
                f"label_smoothing={self.label_smoothing} with loss={self.loss}: choose "
                "categorical_crossentropy or set label_smoothing to 0"
            )
        return self


class Handwriting(Value):
    """The handwriting of a class that a run learns from: digits up to an id, by some writers.

    images: number of digits; writers: the numbers of their writers; last: the id of the newest
    digit; source: the digits' `utils.npz.fingerprint`, so that equal specs give equal weights.
    mnist: whether the run also learns from MNIST's training images. collection: the name of an
    imported set, "" for the class's own digits.
    """

    images: Annotated[int, Field(ge=1, le=60_000)]
    writers: Annotated[
        tuple[Annotated[int, Field(ge=1, lt=2**31)], ...],
        Field(min_length=1, max_length=MAX_WRITERS),
    ]
    last: Annotated[int, Field(ge=1, lt=2**31)]
    source: Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]
    mnist: bool = True
    collection: Annotated[str, Field(max_length=COLLECTION_LENGTH)] = ""

    @field_validator("collection")
    @classmethod
    def _name_on_one_line(cls, name: str) -> str:
        if name != one_line(name):
            raise SpecError(
                "the name of a set must be on one line, without spaces at its ends; received "
                f"{short_repr(name, 40)}: remove them"
            )
        return name

    @field_validator("writers")
    @classmethod
    def _writers_in_order(cls, writers: tuple[int, ...]) -> tuple[int, ...]:
        return tuple(sorted(set(writers)))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the value that `str` turned into this text. Raises SpecError on other texts."""
        found = re.fullmatch(
            r"([0-9]{1,5}) digits by ([0-9,-]+) up to ([0-9]{1,10}) \(([0-9a-f]{16})\)"
            r"( with MNIST)?( of (.+))?",
            text,
        )
        writers = read_writers(found[2], MAX_WRITERS) if found else ()
        if not found or not writers:
            raise SpecError(
                f"handwriting must be a choice made in this app; received {short_repr(text, 40)}: "
                "choose the digits under Transfer learning on Build"
            )
        images, last = int(found[1]), int(found[3])
        return cls(
            images=images,
            writers=writers,
            last=last,
            source=found[4],
            mnist=bool(found[5]),
            collection=found[7] or "",
        )

    def __str__(self) -> str:
        mnist = " with MNIST" if self.mnist else ""
        name = f" of {self.collection}" if self.collection else ""
        by = write_digits(self.writers)
        return f"{self.images} digits by {by} up to {self.last} ({self.source}){mnist}{name}"


class Split(Value):
    """Which images are used for training and which for validation.

    The kinds say which images are held out for validation. last: the last `count` training images.
    fraction: the last `fraction` of them, as with Keras's validation_split. test: the test set,
    which leaks it into every choice made by looking at val_accuracy. none: no images. fold: fold
    number `fold` (from 1) of `folds` stratified folds, shuffled with `seed`. Before the split,
    `digits` keeps only the images of some digits (None: all ten), and `limit` only the first
    `limit` images of these. With test, the test images of these digits are used for validation.
    `handwriting` adds digits of a class to the images for training, or replaces them; it is never
    used for validation.
    """

    kind: Literal["last", "fraction", "test", "none", "fold"] = "last"
    count: Annotated[int, Field(ge=1, le=59_999, description="With last.")] = 10_000
    fraction: Annotated[float, Field(gt=0, lt=1, description="With fraction.")] = 0.2
    folds: Annotated[int, Field(ge=2, le=20, description="With fold.")] = 5
    fold: Annotated[int, Field(ge=1, le=20, description="With fold, from 1.")] = 1
    seed: Annotated[int, Field(ge=0, lt=2**31, description="With fold.")] = 0
    limit: Annotated[
        int | None,
        Field(ge=10, le=60_000, description="Use only this many images, the first ones."),
    ] = None
    digits: Annotated[
        tuple[Annotated[int, Field(ge=0, le=9)], ...] | None,
        Field(description="Train only on these digits (at least two), such as 5-9 or 0,1,7."),
    ] = None
    handwriting: Handwriting | None = None

    @field_validator("handwriting", mode="before")
    @classmethod
    def _handwriting_as_text(cls, handwriting: object) -> object:
        return Handwriting.from_text(handwriting) if isinstance(handwriting, str) else handwriting

    @field_validator("digits", mode="before")
    @classmethod
    def _digits_as_text(cls, digits: object) -> object:
        return read_digits(digits) if isinstance(digits, str) else digits

    @field_validator("digits")
    @classmethod
    def _digits_in_order(cls, digits: tuple[int, ...] | None) -> tuple[int, ...] | None:
        """Sort the digits, so that equal choices are equal; all ten are None."""
        if digits is None:
            return None
        digits = tuple(sorted(set(digits)))
        if len(digits) < 2:
            raise SpecError(
                "digits must name at least two, since a network that sees only one can always "
                f"answer it; received {list(digits)}: add another digit"
            )
        return None if len(digits) == CLASSES else digits

    @model_validator(mode="after")
    def _handwriting_has_all_digits(self) -> Self:
        if self.handwriting and self.digits:
            raise SpecError(
                "handwriting can be added only when the network learns all ten digits; received "
                f"digits={write_digits(self.digits)}: choose all ten digits, or remove the "
                "handwriting"
            )
        return self

    @model_validator(mode="after")
    def _sizes_fit(self) -> Self:
        if self.kind == "fold" and self.fold > self.folds:
            raise SpecError(f"fold must be between 1 and folds={self.folds}; received {self.fold}")
        if self.kind == "fold" and not self.mnist_images:
            raise SpecError(
                "folds are made from MNIST's images; received handwriting without MNIST: learn "
                "from both, or choose another split"
            )
        classes = len(self.learned)
        if self.kind == "fold" and self.images < self.folds * classes:
            raise SpecError(
                f"{self.folds} stratified folds of {classes} digits need at least "
                f"{self.folds * classes} images; received {self.images}: use more images, or fewer "
                "folds"
            )
        if self.kind == "last" and self.count >= self.images:
            raise SpecError(
                f"validation must leave some images for training; received count={self.count} of "
                f"{self.images}: choose a smaller count"
            )
        if self.kind == "fraction" and self.boundary in (0, self.images):
            raise SpecError(
                f"fraction must leave images for training and for validation; received "
                f"{self.fraction} of {self.images}: choose a value nearer to 0.2"
            )
        return self

    @property
    def images(self) -> int:
        """The number of images before the split: for training and validation together."""
        found = sum(TRAINING_COUNTS[digit] for digit in self.learned)
        return min(self.limit or found, found)

    @property
    def learned(self) -> tuple[int, ...]:
        """The digits that are learned, in ascending order."""
        return self.digits or tuple(range(CLASSES))

    @property
    def test_images(self) -> int:
        """The number of test images of the digits that are learned."""
        return sum(TEST_COUNTS[digit] for digit in self.learned)

    @property
    def boundary(self) -> int:
        """The row of the first validation image, for the kinds that take them from the end."""
        if self.kind == "last":
            return self.images - self.count
        if self.kind == "fraction":
            return int(self.images * (1 - self.fraction))
        return self.images

    @property
    def held_out(self) -> int:
        """The number of training images that are held out for validation."""
        if self.kind == "fold":  # as in scikit-learn, the first folds may have one image more
            return len(range(self.fold - 1, self.images, self.folds))
        return self.images - self.boundary

    @property
    def mnist_images(self) -> int:
        """The number of MNIST's images used for training."""
        alone = self.handwriting is not None and not self.handwriting.mnist
        return 0 if alone else self.images - self.held_out

    @property
    def training_images(self) -> int:
        """The number of images used for training, including those of a class."""
        return self.mnist_images + (self.handwriting.images if self.handwriting else 0)


class Transfer(Value):
    """The trained weights that a run starts from, and the layers that are frozen.

    source: the weights' `utils.npz.fingerprint`, so that equal specs give equal weights. frozen:
    names of layers as in `network.summary`, in alphabetical order.
    """

    source: Annotated[
        str,
        Field(pattern=r"^[0-9a-f]{16}$", description="Start from weights with this SHA-256."),
    ]
    frozen: Annotated[
        tuple[str, ...],
        Field(description="Layers to freeze, such as conv2d_1,conv2d_2."),
    ] = ()

    @field_validator("frozen", mode="before")
    @classmethod
    def _names_as_text(cls, names: object) -> object:
        if isinstance(names, str):
            return [name.strip() for name in names.split(",") if name.strip()]
        return names

    @field_validator("frozen")
    @classmethod
    def _names_in_order(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(sorted(set(names)))


class Spec(Value):
    """Everything that defines a run: the same spec on the same machine gives the same weights."""

    network: Network
    training: Training = Training()
    split: Split = Split()
    transfer: Transfer | None = None

    @model_validator(mode="after")
    def _frozen_layers_fit(self) -> Self:
        if not self.frozen:
            return self
        layers = {name: keras for name, _, keras in self.network.keras_layers() if keras.weights}
        for name in self.frozen:
            if name not in layers:
                raise SpecError(
                    f"only layers with weights can be frozen: {', '.join(layers)}; received "
                    f"{short_repr(name, 40)}: choose from these"
                )
        if all(name in self.frozen for name, keras in layers.items() if keras.trainable):
            raise SpecError(
                "at least one layer must stay trainable; received frozen="
                f"{','.join(self.frozen)}, which is all of them: unfreeze one, such as output"
            )
        return self

    @property
    def frozen(self) -> tuple[str, ...]:
        """The names of the layers that training does not change."""
        return self.transfer.frozen if self.transfer else ()

    @model_validator(mode="after")
    def _early_stopping_has_validation(self) -> Self:
        if self.training.early_stopping and self.split.kind == "none":
            raise SpecError(
                "early stopping watches val_loss, but this split keeps no validation images: "
                "choose another split or turn off early stopping"
            )
        return self

    @property
    def hash(self) -> str:
        """16 hexadecimal digits of SHA-256; equal specs have equal ones."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()[:16]


def _is_sequence(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    return isinstance(value, list | tuple)
