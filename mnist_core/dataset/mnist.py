"""The embedded MNIST: arrays, splits, statistics. Nothing is downloaded."""

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tokenize import TokenError
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from mnist_core.network.layers import CLASSES, IMAGE_SHAPE
from mnist_core.network.spec import Split
from mnist_core.utils.errors import MnistError

FOLDER = Path(__file__).parent / "data"
"""The data set: a .npy file per array of SHAPES."""

TRAINING_IMAGES, TEST_IMAGES = 60_000, 10_000
SIDE = IMAGE_SHAPE[0]
"""Pixels of an image: as many down as across."""

SHAPES = {
    "x_train": (TRAINING_IMAGES, SIDE, SIDE),
    "y_train": (TRAINING_IMAGES,),
    "x_test": (TEST_IMAGES, SIDE, SIDE),
    "y_test": (TEST_IMAGES,),
}


class DatasetError(MnistError):
    """A file of the data set is missing or damaged."""


@dataclass(frozen=True)
class Dataset:
    """Read-only uint8 arrays: images (n, 28, 28), 0 paper to 255 ink; labels (n,), 0 to 9."""

    x_train: NDArray[np.uint8]
    y_train: NDArray[np.uint8]
    x_test: NDArray[np.uint8]
    y_test: NDArray[np.uint8]


class Splitter(Protocol):
    """The part of a scikit-learn cross-validator that is used here."""

    def split(
        self, X: NDArray[np.uint8], y: NDArray[np.uint8]
    ) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
        """Yield (training rows, test rows) of each fold."""
        ...


@dataclass(frozen=True)
class Partition:
    """Row numbers of the images for training and for validation, int32 (n,) each.

    Both are rows of the training set; where the split `leaks`, validation has rows of the test set.
    It is empty for a split without validation.
    """

    train: NDArray[np.int32]
    validation: NDArray[np.int32]
    leaks: bool


@cache
def load() -> Dataset:
    """Return the data set, which is opened once per process. Raises DatasetError with the file."""
    arrays = {name: read(FOLDER, name) for name in SHAPES}
    for array in arrays.values():
        array.setflags(write=False)
    return Dataset(**arrays)


def read(folder: Path, name: str) -> NDArray[np.uint8]:
    """Map an array of SHAPES into memory, where all processes share it.

    Writes to the array do not change the file. Raises DatasetError if its file is missing or is
    not such an array.
    """
    path, restore = folder / f"{name}.npy", "put back the copy from the project's repository"
    try:
        array = np.asarray(np.lib.format.open_memmap(path, mode="c"))
    except FileNotFoundError:
        raise DatasetError(f"the data set's file {path} is missing: {restore}") from None
    except (OSError, ValueError, SyntaxError, TokenError) as error:  # the last two: its header
        raise DatasetError(f"the data set's file {path} is damaged ({error}): {restore}") from None
    if array.shape != SHAPES[name] or array.dtype != np.uint8:
        raise DatasetError(
            f"the data set's file {path} is damaged (it must hold uint8 {SHAPES[name]}; received "
            f"{array.dtype} {array.shape}): {restore}"
        )
    return array


def partition(split: Split) -> Partition:
    """Return the rows for training and the rows for validation under a split.

    There are no rows for training if a class's handwriting replaces MNIST.
    """
    rows = _rows_of(split, load().y_train)[: split.images]
    if split.kind == "test":
        train, validation = rows, learned_test_rows(split)
    elif split.kind == "fold":
        train, validation = (rows[part] for part in _fold(split, load().y_train[rows]))
    else:
        train, validation = rows[: split.boundary], rows[split.boundary :]
    return Partition(train[: split.mnist_images], validation, leaks=split.kind == "test")


def learned_test_rows(split: Split) -> NDArray[np.int32]:
    """Return the rows of the test images of the digits that a split learns, in order."""
    return _rows_of(split, load().y_test)


def _rows_of(split: Split, labels: NDArray[np.uint8]) -> NDArray[np.int32]:
    """Return the rows of the images of a split's digits, in order. labels: (n,)."""
    if split.digits is None:
        return np.arange(len(labels), dtype=np.int32)
    return np.flatnonzero(np.isin(labels, split.digits)).astype(np.int32)


def _fold(split: Split, labels: NDArray[np.uint8]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions for training and for validation of a stratified fold.

    Stratified means that each digit has the same share in every fold. A digit with fewer images
    than there are folds is in some of them only. labels: (n,), of the images before the split.
    """
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # of such digits
        return list(_stratified(split).split(labels, labels))[split.fold - 1]


def _stratified(split: Split) -> Splitter:
    """Return scikit-learn's splitter; its import takes 0.6 s, and only folds need it."""
    # scikit-learn has no stubs.
    from sklearn.model_selection import StratifiedKFold  # pyright: ignore

    folds = split.folds
    return StratifiedKFold(folds, shuffle=True, random_state=split.seed)  # pyright: ignore


@cache
def showcase() -> NDArray[np.intp]:
    """Return twenty rows of the test set, two per digit.

    They are the first image of the digit and the image farthest from the digit's mean image.
    """
    data = load()
    means = mean_images(data.x_test, data.y_test)
    chosen: list[int] = []
    for digit in range(CLASSES):
        rows = np.flatnonzero(data.y_test == digit)
        distance = np.linalg.norm(data.x_test[rows] - means[digit], axis=(1, 2))
        chosen += [int(rows[0]), int(rows[distance.argmax()])]
    return np.array(chosen, np.intp)


def sample_rows() -> NDArray[np.intp]:
    """Return every fifth row of the test set, 2,000, for slow computations."""
    return np.arange(0, SHAPES["x_test"][0], 5)


def class_counts(labels: NDArray[np.integer]) -> NDArray[np.intp]:
    """Return how often each digit occurs, (10,) int64. labels: (n,) integers 0 to 9."""
    return np.bincount(labels, minlength=CLASSES)


def mean_images(images: NDArray[np.uint8], labels: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return the mean image of each digit, (10, 28, 28) float32; all 0 where a digit is absent."""
    means = np.zeros((CLASSES, *images.shape[1:]), np.float32)
    for digit in np.unique(labels):
        means[digit] = images[labels == digit].mean(axis=0)
    return means


def pixel_histogram(images: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Return how often each gray level occurs, (256,) int64. images: of any shape."""
    return np.bincount(images.ravel(), minlength=256)


def one_hot(labels: NDArray[np.integer]) -> NDArray[np.float32]:
    """Return labels as rows with a single 1, (n, 10) float32."""
    return np.eye(CLASSES, dtype=np.float32)[labels]
