"""Loss surfaces over two weights: values, gradients and minima."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

Function = Callable[[np.ndarray, np.ndarray], np.ndarray]
Slope = Callable[[float, float], tuple[float, float]]


@dataclass(frozen=True)
class Surface:
    """A loss L(w1, w2) with its gradient.

    `loss` takes arrays of equal shape; `gradient` takes one point. `w1` and `w2` are the ranges of
    the picture, `start` a good place to begin, `minima` where the loss is `lowest`; `formula` is
    LaTeX.
    """

    formula: str
    loss: Function
    gradient: Slope
    w1: tuple[float, float]
    w2: tuple[float, float]
    start: tuple[float, float]
    minima: tuple[tuple[float, float], ...]
    lowest: float = 0.0


def valley(condition: float) -> Surface:
    """A long valley: the curvature is 1 along w1 and `condition`, at least 1, along w2."""
    return Surface(
        rf"L(w_1, w_2) = \tfrac{{1}}{{2}}\left(w_1^2 + {condition:g}\,w_2^2\right)",
        lambda x, y: (x**2 + condition * y**2) / 2,
        lambda x, y: (x, condition * y),
        (-4.0, 4.0),
        (-3.0, 3.0),
        (-3.5, 2.0),
        ((0.0, 0.0),),
    )


def ravine() -> Surface:
    """A bent ravine. Source: Rosenbrock 1960, with 10 in place of his 100, and a tenth of it."""
    return Surface(
        r"L(w_1, w_2) = \tfrac{1}{10}(1 - w_1)^2 + (w_2 - w_1^2)^2",
        lambda x, y: (1 - x) ** 2 / 10 + (y - x**2) ** 2,
        lambda x, y: (-(1 - x) / 5 - 4 * x * (y - x**2), 2 * (y - x**2)),
        (-2.0, 2.0),
        (-1.0, 3.0),
        (-1.5, 0.5),
        ((1.0, 1.0),),
    )


def saddle() -> Surface:
    """Down toward 0 along w1, and away from 0 along w2, as far as a minimum on either side."""
    return Surface(
        r"L(w_1, w_2) = \tfrac{1}{2} w_1^2 - \tfrac{1}{2} w_2^2 + \tfrac{1}{4} w_2^4",
        lambda x, y: x**2 / 2 - y**2 / 2 + y**4 / 4,
        lambda x, y: (x, y**3 - y),
        (-3.0, 3.0),
        (-2.0, 2.0),
        (-2.5, 0.01),
        ((0.0, -1.0), (0.0, 1.0)),
        -0.25,
    )


def four() -> Surface:
    """Four minima, all equally low. Source: Himmelblau 1972, a hundredth of it."""
    return Surface(
        r"\begin{aligned} L(w_1, w_2) = \tfrac{1}{100}\big[&(w_1^2 + w_2 - 11)^2 \\"
        r"&+ (w_1 + w_2^2 - 7)^2\big] \end{aligned}",
        lambda x, y: ((x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2) / 100,
        lambda x, y: (
            (4 * x * (x**2 + y - 11) + 2 * (x + y**2 - 7)) / 100,
            (2 * (x**2 + y - 11) + 4 * y * (x + y**2 - 7)) / 100,
        ),
        (-5.0, 5.0),
        (-5.0, 5.0),
        (-0.5, -1.0),
        (
            (3.0, 2.0),
            (-2.805118086953, 3.131312518250),
            (-3.779310253378, -3.283185991286),
            (3.584428340330, -1.848126526964),
        ),
    )


@dataclass(frozen=True, eq=False)
class Grid:
    """Heights to draw: w1 (n,), w2 (n,), loss (n, n), float64, w2 down the rows."""

    w1: np.ndarray
    w2: np.ndarray
    loss: np.ndarray


def grid(surface: Surface, side: int = 61) -> Grid:
    """The loss at side x side points of the picture."""
    w1, w2 = np.linspace(*surface.w1, side), np.linspace(*surface.w2, side)
    return Grid(w1, w2, surface.loss(*np.meshgrid(w1, w2)))
