"""A kernel that slides over one picture: the correlation that Keras computes, and convolution.

Both have stride 1 and no padding. Correlation lays the kernel on the picture as it is; convolution,
as in signal processing, turns it by 180 degrees first.
"""

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

EXAMPLE = np.array(
    [[1, 1, 1, 0, 0], [0, 1, 1, 1, 0], [0, 0, 1, 1, 1], [0, 0, 1, 1, 0], [0, 1, 1, 0, 0]], float
)
"""A 5x5 picture small enough to work out by hand."""


@dataclass(frozen=True, eq=False)
class NamedKernel:
    """A named kernel and its effect. weights: (3, 3) float64."""

    name: str
    weights: np.ndarray
    does: str


KERNELS = (
    NamedKernel(
        "Vertical edges",
        np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]], float),
        "The right column minus the left one: large where the picture brightens to the right, "
        "negative where it darkens, zero where it is uniform.",
    ),
    NamedKernel(
        "Horizontal edges",
        np.array([[-1, -1, -1], [0, 0, 0], [1, 1, 1]], float),
        "The bottom row minus the top one: large where the picture brightens downward, negative "
        "where it darkens, zero where it is uniform.",
    ),
    NamedKernel(
        "Outline",
        np.array([[-1, -1, -1], [-1, 8, -1], [-1, -1, -1]], float),
        "Eight times a pixel minus the sum of its eight neighbors: zero in uniform areas, far "
        "from zero at edges and thin lines.",
    ),
    NamedKernel(
        "Blur",
        np.full((3, 3), 1 / 9),
        "The mean of nine pixels: edges become soft, specks fade. The weights, a ninth each, sum "
        "to 1, so the brightness stays.",
    ),
    NamedKernel(
        "Sharpen",
        np.array([[0, -1, 0], [-1, 5, -1], [0, -1, 0]], float),
        "Five times a pixel minus the sum of its four nearest neighbors: differences grow. The "
        "weights sum to 1, so uniform areas stay.",
    ),
    NamedKernel(
        "Identity",
        np.array([[0, 0, 0], [0, 1, 0], [0, 0, 0]], float),
        "The middle pixel alone counts: the output is the picture without its outermost rows and "
        "columns.",
    ),
    NamedKernel(
        "Shift",
        np.array([[0, 0, 0], [0, 0, 1], [0, 0, 0]], float),
        "Each pixel is replaced by its neighbor on the right, so the picture moves one pixel to "
        "the left; with the kernel flipped, one pixel to the right.",
    ),
    NamedKernel(
        "Cross",
        np.array([[1, 0, 1], [0, 1, 0], [1, 0, 1]], float),
        "The sum of five pixels that form an ×: largest where the picture has such a cross.",
    ),
)
"""In the order of the choice."""


@dataclass(frozen=True, eq=False)
class SlidingProduct:
    """A picture, a kernel and their output.

    image: (h, w); kernel, as it was given, and `laid`, as it lies on the picture: (k, k); output:
    (h - k + 1, w - k + 1); all float64.
    """

    image: np.ndarray
    kernel: np.ndarray
    laid: np.ndarray
    output: np.ndarray

    def window(self, row: int, column: int) -> np.ndarray:
        """Return the pixels that make the output at a place: (k, k)."""
        size = len(self.kernel)
        return self.image[row : row + size, column : column + size]


def slide(image: np.ndarray, kernel: np.ndarray, flip: bool = False) -> SlidingProduct:
    """Correlation, S(i,j) = sum over m, n of I(i+m, j+n) K(m,n); with `flip` convolution.

    Convolution's S(i,j) = sum over m, n of I(m,n) K(i-m, j-n) is kept where the kernel lies on the
    picture entirely, i and j from k - 1; the cell kept first is cell (0, 0) of the output.
    image: (h, w), h and w at least k; kernel: (k, k).
    """
    laid = kernel[::-1, ::-1] if flip else kernel
    windows = sliding_window_view(image, kernel.shape)
    return SlidingProduct(image, kernel, laid, np.einsum("ijmn,mn->ij", windows, laid))


def compare(image: np.ndarray, kernel: np.ndarray) -> str:
    """Return whether correlation and convolution agree on this picture, and why, in words."""
    turned = kernel[::-1, ::-1]
    if np.array_equal(turned, kernel):
        return (
            "A half turn leaves this kernel as it is, so correlation and convolution agree in "
            "every cell."
        )
    if np.array_equal(turned, -kernel):
        return (
            "A half turn changes the sign of every weight of this kernel. So convolution changes "
            "all signs of the output: where one finds a rise, the other finds a fall."
        )
    straight, flipped = slide(image, kernel).output, slide(image, kernel, flip=True).output
    differ = int((~np.isclose(straight, flipped)).sum())
    return (
        "A half turn makes this kernel a different one: correlation and convolution differ in "
        f"{differ:,} of {straight.size:,} cells. For a network this makes no difference: it would "
        "learn the turned kernel."
    )
