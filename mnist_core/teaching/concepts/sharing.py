"""What sharing the weights of a convolution saves, and what a shift of its input does."""

from dataclasses import dataclass

import numpy as np

from mnist_core.teaching.concepts.pooling import edges, pool, shift


@dataclass(frozen=True)
class Counts:
    """Parameters of three layers from one image to maps of one size.

    shared: a convolution; local: weights of their own at each place of the window; dense: a weight
    from each pixel to each output.
    """

    shared: int
    local: int
    dense: int


def parameters(side: int, size: int, filters: int) -> Counts:
    """Return the counts for one channel of side x side pixels and kernels of size x size.

    Stride 1, no padding; each output has a bias, which a convolution shares per filter.
    """
    places = (side - size + 1) ** 2
    filter_ = size * size + 1
    return Counts(
        shared=filter_ * filters,
        local=filter_ * filters * places,
        dense=(side * side + 1) * places * filters,
    )


@dataclass(frozen=True, eq=False)
class Layers:
    """An image and the maps that two layers make of it, all float64.

    image: (28, 28) in [0, 1]; edges: (26, 26), the map of a convolution after ReLU; pooled:
    (13, 13), the largest of each 2 x 2 values of that map.
    """

    image: np.ndarray
    edges: np.ndarray
    pooled: np.ndarray


def layers(image: np.ndarray, right: int = 0) -> Layers:
    """Return an image, shifted to the right, with its maps. image: (28, 28) in [0, 1]."""
    moved = shift(image, 0, right)
    found = edges(moved)
    return Layers(moved, found, pool(found, "max", 2, 2).values)


def kept(before: np.ndarray, after: np.ndarray, right: int) -> tuple[int, int]:
    """Return how many values of a map moved along unchanged, and how many places were compared.

    before, after: (h, w), the maps of an image and of that image shifted to the right; compared are
    the places that lie in both maps, (w - |right|) columns.
    """
    wide = before.shape[1] - abs(right)
    old, new = max(-right, 0), max(right, 0)
    equal = np.isclose(before[:, old : old + wide], after[:, new : new + wide], atol=1e-12)
    return int(equal.sum()), equal.size
