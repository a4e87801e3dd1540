"""The embedded MNIST: arrays, splits, statistics. Nothing is ever downloaded."""

import zipfile
import zlib
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from mnist_core.network.spec import CLASSES, Split
from mnist_core.utils.errors import MnistError

PATH = Path(__file__).parent / "data" / "mnist.npz"
SHAPES = {
    "x_train": (60_000, 28, 28),
    "y_train": (60_000,),
    "x_test": (10_000, 28, 28),
    "y_test": (10_000,),
}


class DatasetError(MnistError):
    """The data file is missing or damaged."""


@dataclass(frozen=True)
class Dataset:
    """Read-only uint8 arrays: images (n, 28, 28), 0 paper to 255 ink, and labels (n,), 0 to 9."""

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray


@dataclass(frozen=True)
class Partition:
    """Row numbers, int32: `train` into the training set; `validation` too, unless it `leaks`.

    Where it leaks they are rows of the test set. `validation` is empty for a split without one.
    """

    train: np.ndarray
    validation: np.ndarray
    leaks: bool


_loaded: Dataset | None = None


def load() -> Dataset:
    """Return the data set, read once per process. Raises DatasetError naming the file."""
    global _loaded
    if _loaded is None:
        _loaded = read(PATH)
    return _loaded


def share_memory(name: str, array: np.ndarray) -> None:
    """Replace an array of the data set by one of the same values that is held elsewhere anyway.

    TensorFlow needs a copy of its own: without this 55 MB would be in memory twice.
    """
    global _loaded
    array.setflags(write=False)
    _loaded = replace(load(), **{name: array})


def read(path: Path) -> Dataset:
    """Read a file in Keras's layout. Raises DatasetError on a missing or damaged one."""
    restore = "put back the copy from the project's repository"
    try:
        with path.open("rb") as handle, np.load(handle, allow_pickle=False) as file:
            arrays = {name: file[name] for name in SHAPES}
    except FileNotFoundError:
        raise DatasetError(f"the data set {path} is missing: {restore}") from None
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error) as error:
        raise DatasetError(f"the data set {path} is damaged ({error}): {restore}") from None
    for name, array in arrays.items():
        if array.shape != SHAPES[name] or array.dtype != np.uint8:
            raise DatasetError(
                f"the data set {path} is damaged ({name} must be uint8 {SHAPES[name]}; received "
                f"{array.dtype} {array.shape}): {restore}"
            )
        array.setflags(write=False)
    return Dataset(**arrays)


def partition(split: Split) -> Partition:
    """The rows that train and the rows that validate."""
    rows = np.arange(split.images, dtype=np.int32)
    if split.kind == "test":
        return Partition(rows, np.arange(10_000, dtype=np.int32), leaks=True)
    if split.kind == "fold":
        train, validation = _folds(split)[split.fold - 1]
        return Partition(train, validation, leaks=False)
    return Partition(rows[: split.boundary], rows[split.boundary :], leaks=False)


def _folds(split: Split) -> list[tuple[np.ndarray, np.ndarray]]:
    """Stratified: every fold has each digit in the same share as the whole."""
    from sklearn.model_selection import StratifiedKFold  # 0.6 s to import, for folds alone

    labels = load().y_train[: split.images]
    folds = StratifiedKFold(split.folds, shuffle=True, random_state=split.seed)
    return [
        (train.astype(np.int32), validation.astype(np.int32))
        for train, validation in folds.split(labels, labels)
    ]


@cache
def showcase() -> np.ndarray:
    """Twenty rows of the test set, two a digit: its first, and the farthest from its mean image."""
    data = load()
    means = mean_images(data.x_test, data.y_test)
    chosen = []
    for digit in range(CLASSES):
        rows = np.flatnonzero(data.y_test == digit)
        distance = np.linalg.norm(data.x_test[rows] - means[digit], axis=(1, 2))
        chosen += [rows[0], rows[distance.argmax()]]
    return np.array(chosen)


def sample() -> np.ndarray:
    """Every fifth row of the test set, 2,000: for what would take too long on all of it."""
    return np.arange(0, SHAPES["x_test"][0], 5)


def class_counts(labels: np.ndarray) -> np.ndarray:
    """How often each digit occurs: (10,) int64, in the order 0 to 9. labels: (n,) integers."""
    return np.bincount(labels, minlength=CLASSES)


def mean_images(images: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """The mean image of each digit: (10, 28, 28) float32 in [0, 255]; 0 where a digit is absent."""
    means = np.zeros((CLASSES, *images.shape[1:]), np.float32)
    for digit in np.unique(labels):
        means[digit] = images[labels == digit].mean(axis=0)
    return means


def pixel_histogram(images: np.ndarray) -> np.ndarray:
    """How often each grey level occurs: (256,) int64. images: uint8."""
    return np.bincount(images.ravel(), minlength=256)


def one_hot(labels: np.ndarray) -> np.ndarray:
    """Labels as rows with a single 1: (n, 10) float32."""
    return np.eye(CLASSES, dtype=np.float32)[labels]
