"""Networks that made history, each with the nearest one that the app can build."""

from dataclasses import dataclass

import numpy as np

from mnist_core.network.notation import write
from mnist_core.network.presets import find

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
        "Backpropagation learns its kernels, which nobody designs by hand, and each is used at "
        "every place of the image.",
        "5.0\u00a0% errors on handwritten digits from zip codes",
        "9,760",
        "C12k5s2sametanh C12k5s2sametanh F D30tanh",
    ),
    Milestone(
        "LeNet-5",
        1998,
        "LeCun, Bottou, Bengio and Haffner",
        "Convolution and pooling alternate, then dense layers follow: an order still used today. "
        "LeNet-5 read the amounts on bank checks.",
        "0.95\u00a0% errors on MNIST's test images",
        "60,000",
        write(find("lenet-5").network),
    ),
    Milestone(
        "AlexNet",
        2012,
        "Krizhevsky, Sutskever and Hinton",
        "ReLU, dropout, augmentation and two graphics cards let a large network learn from 1.2 "
        "million photos.",
        "an ensemble missed 15.3\u00a0% of the ImageNet photos, with five guesses per photo among "
        "1,000 classes; the runner-up missed 26.2\u00a0%",
        "60 million",
        "C32k5same M C64same M C96same C96same C64same M F D256 Drop0.5 D256 Drop0.5",
    ),
    Milestone(
        "VGG-16",
        2014,
        "Simonyan and Zisserman",
        "All kernels are 3×3, several in a row. Two of them see as far as one 5×5 kernel, with 18 "
        "weights instead of 25.",
        "an ensemble missed 7.3\u00a0% of the ImageNet photos, with five guesses per photo",
        "138 million",
        "C16same C16same M C32same C32same M C64same C64same M F D128 Drop0.5",
    ),
    Milestone(
        "ResNet-152",
        2015,
        "He, Zhang, Ren and Sun",
        "A shortcut adds a block's input to its output, so the block only has to learn a change. "
        "That made 152 layers trainable.",
        "an ensemble missed 3.57\u00a0% of the ImageNet photos, with five guesses per photo",
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
