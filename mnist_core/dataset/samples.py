"""Images to look at: the parts of a split, random samples, typical and unusual images."""

import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mnist_core.dataset import mnist
from mnist_core.network.digits import write_digits
from mnist_core.network.spec import Split
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import short_repr, with_article

SETS = ("training", "test")
CHUNK = 1000  # images counted at a time, since NumPy converts each byte to eight before it counts


class SampleError(MnistError):
    """There is no such image."""


@dataclass(frozen=True, eq=False)
class Example:
    """One image, (28, 28) uint8, 0 paper to 255 ink; its label, 0 to 9; its set and its index."""

    stored_in: str
    index: int
    image: NDArray[np.uint8]
    label: int

    @property
    def words(self) -> str:
        """The alternative text of the image."""
        return f"A handwritten {self.label}, image {self.index:,} of the {self.stored_in} set"

    @property
    def network_input(self) -> NDArray[np.float32]:
        """The image as input of a network: (28, 28, 1) float32 in [0, 1], the channel last."""
        return (self.image.astype(np.float32) / np.float32(255))[..., np.newaxis]


@dataclass(frozen=True, eq=False)
class Part:
    """The images for training, validation or test: `rows`, (n,), of the set `stored_in`."""

    name: str
    stored_in: str
    rows: NDArray[np.int32]

    @property
    def labels(self) -> NDArray[np.uint8]:
        """The labels, (n,), in the order of `rows`."""
        return _stored(self.stored_in)[1][self.rows]

    @property
    def counts(self) -> NDArray[np.intp]:
        """The number of images of each digit, (10,)."""
        return mnist.class_counts(self.labels)

    @property
    def images(self) -> NDArray[np.uint8]:
        """A copy of the images, (n, 28, 28), in the order of `rows`."""
        return _stored(self.stored_in)[0][self.rows]

    def examples(self, rows: NDArray[np.integer]) -> list[Example]:
        """Return the images of some rows of the set."""
        return [example(self.stored_in, int(row)) for row in rows]


@dataclass(frozen=True, eq=False)
class GreyLevels:
    """How often each gray level, 0 to 255, occurs: `counts`, (256,), not all 0."""

    counts: NDArray[np.int64]

    @property
    def blank(self) -> float:
        """The share of pixels with level 0, bare paper."""
        return float(self.counts[0] / self.counts.sum())

    @property
    def mean(self) -> float:
        """The mean of the pixels scaled to [0, 1]."""
        return float(np.average(np.arange(256), weights=self.counts) / 255)

    @property
    def std(self) -> float:
        """The standard deviation of the pixels scaled to [0, 1]."""
        deviations = np.arange(256) / 255 - self.mean
        return float(np.sqrt(np.average(deviations**2, weights=self.counts)))


@dataclass(frozen=True, eq=False)
class Typicality:
    """The images of one digit, ordered by their Euclidean distance from the digit's mean image.

    mean: (28, 28), pixels in [0, 1]; rows: (n,) row numbers, the nearest first; distances: (n,), of
    pixels in [0, 1], so at most 28.
    """

    mean: NDArray[np.float32]
    rows: NDArray[np.int32]
    distances: NDArray[np.float32]


def check_link(stored_in: str | None, index: str | None) -> None:
    """Raise SampleError unless a link names a set and a whole number."""
    if stored_in is not None and stored_in not in SETS:
        raise SampleError(
            f"set must be {' or '.join(SETS)}; received {short_repr(stored_in, 40)}: correct the "
            "link"
        )
    if index is not None and not re.fullmatch(r"-?[0-9]{1,16}", index):
        raise SampleError(
            f"image must be a whole number from 0; received {short_repr(index, 40)}: correct the "
            "link"
        )


def example(stored_in: str, index: int) -> Example:
    """Return an image by its index in the set "training" or "test". Raises SampleError."""
    images, labels = _stored(stored_in)
    if not 0 <= index < len(images):
        raise SampleError(
            f"the {stored_in} set holds images 0 to {len(images) - 1:,}; received index "
            f"{index:,}: choose a number in that range"
        )
    return Example(stored_in, int(index), images[index], int(labels[index]))


def parts(split: Split) -> tuple[Part, Part, Part]:
    """Return the parts for training, validation and test under a split."""
    rows = mnist.partition(split)
    return (
        Part("training", "training", rows.train),
        Part("validation", "test" if rows.leaks else "training", rows.validation),
        Part("test", "test", np.arange(len(mnist.load().x_test), dtype=np.int32)),
    )


def describe(split: Split) -> str:
    """Describe a split in one or two sentences."""
    train, validation, _ = (len(part.rows) for part in parts(split))
    sentences = {
        "last": f"the first {train:,} training images for training, the last {validation:,} for "
        "validation",
        "fraction": f"the last {100 * split.fraction:.4g} % of the training images for "
        f"validation, as with Keras's `validation_split`: {train:,} images for training, "
        f"{validation:,} for validation",
        "test": f"{train:,} images for training, {validation:,} test images for validation, so "
        "every choice made by `val_accuracy` has already seen the test",
        "none": f"{train:,} images for training, none for validation",
        "fold": f"fold {split.fold} of {split.folds} for validation, stratified and drawn with "
        f"seed {split.seed}: {train:,} images for training, {validation:,} for validation",
    }
    digits = f" of the digits {write_digits(split.digits)}" if split.digits else ""
    which = f"the first {split.images:,} training images" if split.limit else "images"
    limited = f" Only {which}{digits} are used." if digits or split.limit else ""
    return f"{sentences[split.kind]}.{limited}"


def random_rows(part: Part, count: int, seed: int, digit: int | None = None) -> NDArray[np.int32]:
    """Return rows of at most `count` random images, of one digit or of any, in random order."""
    rows = part.rows if digit is None else part.rows[part.labels == digit]
    return np.random.default_rng(seed).permutation(rows)[:count]


def grey_levels(part: Part) -> GreyLevels:
    """Count the gray levels of all pixels of a part, which must not be empty."""
    counts = np.zeros(256, np.int64)
    images, _ = _stored(part.stored_in)
    for start in range(0, len(part.rows), CHUNK):
        counts += mnist.pixel_histogram(images[part.rows[start : start + CHUNK]])
    return GreyLevels(counts)


def typicality(part: Part, digit: int) -> Typicality:
    """Order the images of a digit from typical to unusual. Raises SampleError if none."""
    rows = part.rows[part.labels == digit]
    if not len(rows):
        raise SampleError(
            f"a mean needs at least one image; received a {part.name} part of "
            f"{len(part.rows):,} images without {with_article(digit)}: choose another digit, or a "
            "split with more images"
        )
    images = _stored(part.stored_in)[0][rows] / np.float32(255)
    mean = images.mean(axis=0)
    distances = np.linalg.norm((images - mean).reshape(len(rows), -1), axis=1)
    order = np.argsort(distances, kind="stable")
    return Typicality(mean, rows[order], distances[order])


def _stored(name: str) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return images and labels of the set "training" or "test"."""
    data = mnist.load()
    return (data.x_test, data.y_test) if name == "test" else (data.x_train, data.y_train)
