"""The base of all layers: what each of them tells the rest of the program about itself."""

from abc import abstractmethod
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from mnist_core.network.layers.notation import Notation
from mnist_core.network.layers.sliding import Padding, positions, zeros
from mnist_core.network.value import SpecError, Value

Shape = tuple[int, ...]
"""A shape without the batch axis: (height, width, channels) or (units,)."""

IMAGE_SHAPE: Shape = (28, 28, 1)
CLASSES = 10

L2 = Annotated[float, Field(ge=0, le=1, description="L2 weight penalty on the kernel.")]


@dataclass(frozen=True)
class Penalty:
    """The argument `keras.regularizers.L2(l2)`."""

    l2: float


@dataclass(frozen=True)
class KerasLayer:
    """One layer of the Keras model.

    type: the name of its class. arguments, options: what its class is called with, by position and
    by name, without what Keras has by default. weights: their shapes by name, in Keras's order;
    frozen: those that no gradient changes. seeds: the options that hold a seed, or an initializer
    with one, in the order in which Keras would draw them. multiply_adds: per image. activation:
    empty if it has none. remark: words beside its 0 parameters. path: what it reads in a block with
    a shortcut: the layer before it, the shortcut, or both. reads: the layer whose window it slides,
    if that is not the layer that it belongs to.
    """

    type: str
    arguments: tuple[object, ...] = ()
    options: Mapping[str, object] = field(default_factory=dict[str, object])
    weights: Mapping[str, Shape] = field(default_factory=dict[str, Shape])
    frozen: tuple[str, ...] = ()
    seeds: tuple[str, ...] = ()
    multiply_adds: int = 0
    activation: str = ""
    remark: str = ""
    path: Literal["main", "shortcut", "both"] = "main"
    reads: "Layer | None" = None

    @property
    def parameters(self) -> int:
        """All parameters, trainable or not."""
        return sum(map(prod, self.weights.values()))

    @property
    def non_trainable(self) -> int:
        """The parameters that no gradient changes."""
        return sum(prod(self.weights[name]) for name in self.frozen)

    @property
    def trainable(self) -> int:
        """The parameters that training changes by gradients."""
        return self.parameters - self.non_trainable

    @property
    def arithmetic(self) -> str:
        """How the parameters are counted, such as "3*3*1*8 + 8 = 80"."""
        if not self.weights:
            return f"0 {self.remark}".rstrip()
        terms = Counter("*".join(map(str, shape)) for shape in self.weights.values())
        words = [term if count == 1 else f"{count}*{term}" for term, count in terms.items()]
        return f"{' + '.join(words)} = {self.parameters:,}"


def changed(**given: tuple[object, object]) -> dict[str, object]:
    """Return the options that differ from Keras's. given: (value, Keras's default) by name."""
    return {name: value for name, (value, default) in given.items() if value != default}


class Layer(Value):
    """One layer of a network.

    notation: its short form. size: the setting that says how many channels or units it puts out.
    makes_vector: whether it turns an image into a vector. needs_image: whether it refuses vectors.
    has_weights: whether it has any. convolves: whether its maps say where a kernel fits.
    keeps_places: whether each value that it puts out comes from the same place of its input.
    only_in_training: whether it hands on its input unchanged when the network predicts. fixed: the
    arguments of Keras that it has no setting for, with the only values that are read from a file.
    """

    notation: ClassVar[Notation]
    size: ClassVar[str] = ""
    makes_vector: ClassVar[bool] = False
    needs_image: ClassVar[bool] = False
    has_weights: ClassVar[bool] = False
    convolves: ClassVar[bool] = False
    keeps_places: ClassVar[bool] = False
    only_in_training: ClassVar[bool] = False
    fixed: ClassVar[Mapping[str, object]] = {}

    def output_shape(self, inputs: Shape) -> Shape:
        """Return the shape after the layer. Raises SpecError where Keras would refuse the input."""
        return inputs

    @abstractmethod
    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        """Return the layers that it has in the Keras model. inputs: a shape that it takes."""

    def window(self, inputs: Shape) -> tuple[int, int]:
        """Return the side of the square of inputs behind one value, and the step to the next.

        The side is the length of a vector for a layer whose values come from the whole vector.
        """
        return 1, 1

    def zeros_before(self, side: int) -> int:
        """Return the zeros that it adds before the first value of a side of its input."""
        return 0

    def course_word(self, number: int, outputs: Shape) -> str:
        """Return its name in the course notes. number: its place among those of its letters."""
        return self.notation.write(self)


class Windowed(Layer):
    """A layer that slides a square window over height and width."""

    needs_image = True

    padding: Padding = "valid"

    @property
    @abstractmethod
    def sliding(self) -> tuple[int, int]:
        """The side of the window and its step, in pixels."""

    def window(self, inputs: Shape) -> tuple[int, int]:
        return self.sliding

    def zeros_before(self, side: int) -> int:
        return zeros(side, *self.sliding, self.padding)[0]

    def course_word(self, number: int, outputs: Shape) -> str:
        return f"{self.notation.letters}{number}"

    def _slide(self, inputs: Shape, name: str) -> tuple[int, int]:
        """Return height and width after the layer.

        Raises SpecError on vectors, and with `valid` padding on windows larger than the input.
        """
        window, step = self.sliding
        need_image(inputs, name)
        height, width, _ = inputs
        if self.padding == "valid" and min(height, width) < window:
            raise SpecError(
                f"a {window}x{window} `valid` {name} needs at least {window}x{window}, but "
                f"receives {height}x{width}: use `same` padding, or let fewer layers before it "
                "shrink the image"
            )
        return (
            positions(height, window, step, self.padding),
            positions(width, window, step, self.padding),
        )


def need_image(inputs: Shape, name: str) -> None:
    """Raise SpecError unless the input has height, width and channels."""
    if len(inputs) != 3:
        raise SpecError(
            f"{name} needs height, width and channels, but receives a vector of {inputs[0]}: "
            "move it before the layer that makes the vector, or remove it"
        )
