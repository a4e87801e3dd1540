"""Networks that made history, each with the nearest one that the app can build."""

from dataclasses import dataclass

import numpy as np

INK = 128
"""The gray level from which on a pixel counts as ink."""


@dataclass(frozen=True)
class Milestone:
    """A network of a paper; brought, result and parameters in words.

    near: the notation of the app's nearest network, for images of 28 × 28 × 1.
    """

    name: str
    year: int
    authors: str
    brought: str
    result: str
    parameters: str
    near: str


MILESTONES = (
    Milestone(
        "LeNet",
        1989,
        "LeCun and six others",
        "Its kernels are learned by backpropagation, not designed by hand, and each is used at "
        "every place of the image.",
        "5.0\u00a0% of the digits of handwritten zip codes wrong",
        "9,760",
        "C12k5s2sametanh C12k5s2sametanh F D30tanh",
    ),
    Milestone(
        "LeNet-5",
        1998,
        "LeCun, Bottou, Bengio and Haffner",
        "Convolution and pooling take turns, dense layers follow: the order is still in use. It "
        "read the amounts on checks for banks.",
        "0.95\u00a0% of MNIST's test images wrong",
        "60,000",
        "C6k5sametanh A C16k5tanh A C120k5tanh F D84tanh",
    ),
    Milestone(
        "AlexNet",
        2012,
        "Krizhevsky, Sutskever and Hinton",
        "ReLU, dropout, augmentation and two graphics cards make a large network learn from 1.2 "
        "million photos.",
        "15.3\u00a0% of photos of 1,000 classes missed in five guesses, by several such networks "
        "together; the next best entry missed 26.2\u00a0%",
        "60 million",
        "C32k5same M C64same M C96same C96same C64same M F D256 Drop0.5 D256 Drop0.5",
    ),
    Milestone(
        "VGG-16",
        2014,
        "Simonyan and Zisserman",
        "It has only 3×3 kernels, several in a row: two see as far as one of 5×5, with 18 weights "
        "in place of 25.",
        "7.3\u00a0% of the same photos missed, by several such networks together",
        "138 million",
        "C32same C32same M C64same C64same M C128same C128same M F D256 Drop0.5",
    ),
    Milestone(
        "ResNet-152",
        2015,
        "He, Zhang, Ren and Sun",
        "Shortcuts add what enters a block to what leaves it, so that gradients reach the first "
        "of 152 layers.",
        "3.57\u00a0% of the same photos missed, by several such networks together",
        "60 million",
        "C16samebn Res16 Res16 M Res32 Res32 M Res64 GAP",
    ),
)


def ink(image: np.ndarray) -> np.ndarray:
    """Return which pixels are ink: (28, 28) bool. image: (28, 28) uint8, ink bright."""
    return image >= INK


def box_around(mask: np.ndarray) -> tuple[int, int, int, int]:
    """Return top, left, height and width of the smallest box around all that is true, at least one.

    mask: (h, w) bool.
    """
    rows, columns = np.nonzero(mask)
    top, left = int(rows.min()), int(columns.min())
    return top, left, int(rows.max()) - top + 1, int(columns.max()) - left + 1
