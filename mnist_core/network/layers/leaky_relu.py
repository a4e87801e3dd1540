"""LeakyReLU and PReLU."""

from typing import Annotated, Literal

from pydantic import Field

from mnist_core.network.layers.base import KerasLayer, Layer, Shape, changed
from mnist_core.network.layers.notation import Notation


class LeakyReLU(Layer):
    """Multiply negative values by `negative_slope`, and keep the others."""

    notation = Notation("Leaky", {"negative_slope": ""}, "Leaky0.1", always="negative_slope")
    keeps_places = True

    kind: Literal["leaky_re_lu"] = "leaky_re_lu"
    negative_slope: Annotated[float, Field(ge=0, le=1)] = 0.3

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        return (
            KerasLayer("LeakyReLU", options=changed(negative_slope=(self.negative_slope, 0.3))),
        )


class PReLU(Layer):
    """Multiply negative values by slopes that are learned, and keep the others.

    shared: one slope per map in place of one per value; a vector has one per value in any case.
    """

    notation = Notation("PReLU", {"shared": "shared"}, "PReLUshared")
    keeps_places = True
    has_weights = True

    kind: Literal["p_re_lu"] = "p_re_lu"
    shared: bool = False

    def keras_layers(self, inputs: Shape) -> tuple[KerasLayer, ...]:
        one_per_map = self.shared and len(inputs) == 3
        options: dict[str, object] = {"shared_axes": [1, 2]} if one_per_map else {}
        slopes = (1, 1, inputs[-1]) if one_per_map else inputs
        return (KerasLayer("PReLU", options=options, weights={"alpha": slopes}),)
