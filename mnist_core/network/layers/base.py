"""The base classes of layers: frozen values that compute their output shape."""

from math import ceil
from typing import Annotated, Literal

from pydantic import Field

from mnist_core.network.value import SpecError, Value

Shape = tuple[int, ...]
"""A shape without the batch axis: (height, width, channels) or (units,)."""

Activation = Literal["relu", "leaky_relu", "elu", "gelu", "selu", "sigmoid", "tanh", "linear"]
Padding = Literal["valid", "same"]
L2 = Annotated[float, Field(ge=0, le=1, description="L2 weight penalty on the kernel.")]


class Layer(Value):
    """One layer of a network."""

    def output_shape(self, inputs: Shape) -> Shape:
        """Return the shape after the layer. Raises SpecError where Keras would refuse the input."""
        return inputs


def _positions(size: int, window: int, strides: int, padding: Padding) -> int:
    """Return how often a window fits along one side: (n + 2p - k) / stride + 1, rounded down."""
    return ceil(size / strides) if padding == "same" else (size - window) // strides + 1


class Windowed(Layer):
    """A layer that slides a square window over height and width."""

    padding: Padding = "valid"

    def _slide(self, inputs: Shape, window: int, strides: int, name: str) -> tuple[int, int]:
        """Return height and width after the layer.

        Raises SpecError on vectors, and with `valid` padding on windows larger than the input.
        """
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
