"""Which images to look at: the parts of a split, random samples, typical and untypical ones."""

import re
from dataclasses import dataclass

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.network.spec import Split
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import shown

SETS = ("training", "test")
CHUNK = 1000  # images counted at a time: NumPy widens each byte to eight before it counts


class SampleError(MnistError):
    """There is no such image."""


@dataclass(frozen=True, eq=False)
class Example:
    """One image (28, 28) uint8, 0 paper to 255 ink, its label, 0 to 9, and where it is found."""

    stored_in: str
    index: int
    image: np.ndarray
    label: int

    @property
    def words(self) -> str:
        """What it is, for those who cannot see it."""
        return f"A handwritten {self.label}, image {self.index:,} of the {self.stored_in} set"

    @property
    def network_input(self) -> np.ndarray:
        """What a network is given: (28, 28, 1) float32 in [0, 1]; the last axis is the channel."""
        return (self.image / np.float32(255))[..., np.newaxis]


@dataclass(frozen=True, eq=False)
class Part:
    """The images that train, validate or test: `rows` (n,) int32 of the set `stored_in`."""

    name: str
    stored_in: str
    rows: np.ndarray

    @property
    def labels(self) -> np.ndarray:
        """(n,) uint8, in the order of `rows`."""
        return _stored(self.stored_in)[1][self.rows]

    @property
    def counts(self) -> np.ndarray:
        """How many images of each digit: (10,) int64."""
        return mnist.class_counts(self.labels)

    @property
    def images(self) -> np.ndarray:
        """(n, 28, 28) uint8, a copy, in the order of `rows`."""
        return _stored(self.stored_in)[0][self.rows]

    def examples(self, rows: np.ndarray) -> list[Example]:
        """The images of some rows of its set."""
        return [example(self.stored_in, row) for row in rows]


@dataclass(frozen=True, eq=False)
class GreyLevels:
    """`counts`: how often each level 0 to 255 occurs, (256,) int64, at least one pixel in all."""

    counts: np.ndarray

    @property
    def blank(self) -> float:
        """The share of pixels that are bare paper, level 0."""
        return float(self.counts[0] / self.counts.sum())

    @property
    def mean(self) -> float:
        """The mean pixel, in [0, 1] as a network gets it."""
        return float(np.average(np.arange(256), weights=self.counts) / 255)

    @property
    def std(self) -> float:
        """The standard deviation of the pixels, in the same unit."""
        deviations = np.arange(256) / 255 - self.mean
        return float(np.sqrt(np.average(deviations**2, weights=self.counts)))


@dataclass(frozen=True, eq=False)
class Typicality:
    """The images of one digit, ordered by their Euclidean distance from the digit's mean image.

    mean: (28, 28) float32 in [0, 1]; rows: (n,) row numbers, the nearest first; distances: (n,)
    float32, of pixels in [0, 1], so at most 28.
    """

    mean: np.ndarray
    rows: np.ndarray
    distances: np.ndarray


def check_link(stored_in: str | None, index: str | None) -> None:
    """Raises SampleError where a link says something else than a set and a whole number."""
    if stored_in is not None and stored_in not in SETS:
        raise SampleError(
            f"set must be {' or '.join(SETS)}; received {shown(stored_in, 40)}: correct the link"
        )
    if index is not None and not re.fullmatch(r"-?[0-9]{1,16}", index):
        raise SampleError(
            f"image must be a whole number, from 0 on; received {shown(index, 40)}: correct "
            "the link"
        )


def example(stored_in: str, index: int) -> Example:
    """One image by its index in the training or the test set. Raises SampleError beyond its end."""
    images, labels = _stored(stored_in)
    if not 0 <= index < len(images):
        raise SampleError(
            f"the {stored_in} set holds images 0 to {len(images) - 1:,}; received index "
            f"{index:,}: choose a number in that range"
        )
    return Example(stored_in, int(index), images[index], int(labels[index]))


def parts(split: Split) -> tuple[Part, Part, Part]:
    """The images that train, validate and test under a split, in this order."""
    rows = mnist.partition(split)
    return (
        Part("training", "training", rows.train),
        Part("validation", "test" if rows.leaks else "training", rows.validation),
        Part("test", "test", np.arange(len(mnist.load().x_test), dtype=np.int32)),
    )


def describe(split: Split) -> str:
    """A split in one sentence or two."""
    train, validation, _ = (len(part.rows) for part in parts(split))
    sentences = {
        "last": f"the first {train:,} training images train and the last {validation:,} validate",
        "fraction": f"the last {100 * split.fraction:.4g} % of the training images validate, as "
        f"Keras's `validation_split` does: {train:,} train and {validation:,} validate",
        "test": f"{train:,} images train and the {validation:,} test images validate, so every "
        "choice made by `val_accuracy` has already seen the test",
        "none": f"{train:,} images train and none validate",
        "fold": f"fold {split.fold} of {split.folds} validates, stratified and drawn with seed "
        f"{split.seed}: {train:,} images train and {validation:,} validate",
    }
    limited = f" Only the first {split.images:,} training images are used." if split.limit else ""
    return f"{sentences[split.kind]}.{limited}"


def draw(part: Part, count: int, seed: int, digit: int | None = None) -> np.ndarray:
    """Rows of at most `count` images, of one digit or of any, shuffled by seed."""
    rows = part.rows if digit is None else part.rows[part.labels == digit]
    return np.random.default_rng(seed).permutation(rows)[:count]


def grey_levels(part: Part) -> GreyLevels:
    """Count every pixel of a part that is not empty."""
    counts = np.zeros(256, np.int64)
    images, _ = _stored(part.stored_in)
    for start in range(0, len(part.rows), CHUNK):
        counts += mnist.pixel_histogram(images[part.rows[start : start + CHUNK]])
    return GreyLevels(counts)


def typicality(part: Part, digit: int) -> Typicality:
    """Order the images of a digit from typical to untypical. Raises SampleError without any."""
    rows = part.rows[part.labels == digit]
    if not len(rows):
        raise SampleError(
            f"a mean needs at least one image; received a {part.name} part of "
            f"{len(part.rows):,} images without a {digit}: choose another digit, or a split "
            "that trains on more images"
        )
    images = _stored(part.stored_in)[0][rows] / np.float32(255)
    mean = images.mean(axis=0)
    distances = np.linalg.norm((images - mean).reshape(len(rows), -1), axis=1)
    order = np.argsort(distances, kind="stable")
    return Typicality(mean, rows[order], distances[order])


def _stored(name: str) -> tuple[np.ndarray, np.ndarray]:
    data = mnist.load()
    return (data.x_test, data.y_test) if name == "test" else (data.x_train, data.y_train)
