"""Standalone Keras code for a spec; text only, no TensorFlow.

`keras_code` returns code as a person would write it. `sections(spec, exact=True)` repeats a run of
the app: the same initial weights, and the same batches in the same order.
"""

from dataclasses import dataclass
from typing import NamedTuple

from mnist_core.evaluation.report import about_loss
from mnist_core.exporting.code_network import network_code, transfer_code
from mnist_core.exporting.code_training import compile_code, fit_code, makes_batches
from mnist_core.network.layers import CLASSES
from mnist_core.network.spec import Spec, Split
from mnist_core.training.estimate import augments


@dataclass(frozen=True)
class Section:
    """A part of the code, with its heading and an explanation in a sentence or two."""

    title: str
    words: str
    code: str


class Files(NamedTuple):
    """The names of the files that code reads: the start weights, and the digits of a class."""

    start: str = "start.npz"
    digits: str = "digits.npz"


FILES = Files()
"""The file names in code without a run."""


def keras_code(spec: Spec) -> str:
    """Return code for a whole run: seed, network, optimizer, data, training, test.

    Keras shuffles the images in its own order, as a comment in the code says.
    """
    return "\n\n".join(part.code for part in sections(spec, exact=False)) + "\n"


def sections(spec: Spec, exact: bool, test: bool = True, files: Files = FILES) -> list[Section]:
    """Return the parts of the code in order.

    exact: repeat the app's batches and rounding. test: evaluate on the test images at the end.
    """
    training, split = spec.training, spec.split
    seen = f"{training.batch_size} images per batch, {training.epochs} times over all of them."
    held_out = {
        "none": "All of them are used for training." if split.mnist_images else "",
        "test": "The test images are also used for validation, so choices will suit them.",
        "fold": f"Fold {split.fold} of {split.folds} is used for validation.",
    }
    parts = [
        Section(
            "Libraries and seed",
            "The seed fixes the initial weights, dropout and the order of the images.",
            _head(spec, exact, test),
        ),
        Section(
            "The network",
            "Images of 28x28 gray pixels go in, the probabilities of the ten digits come out.",
            network_code(spec),
        ),
        *([_transfer(spec, files.start)] if spec.transfer else []),
        Section("Loss and optimizer", "What to make small, and how.", compile_code(spec, exact)),
        Section(
            "The images",
            "Keras downloads MNIST once. "
            + held_out.get(split.kind, "The last images are used for validation only.")
            + (" None of these images is used for training." if not split.mnist_images else ""),
            _data(spec),
        ),
        *([_handwriting(spec, files.digits)] if split.handwriting else []),
        Section("Training", seen, fit_code(spec, exact)),
    ]
    words = f"On images that it has not learned from. {about_loss(spec)}".strip()
    tested = Section("Test", words, _TEST + (_LEARNED if split.digits else ""))
    return [*parts, tested] if test else parts


def _transfer(spec: Spec, start: str) -> Section:
    frozen = "; the frozen layers are not trained" if spec.frozen else ""
    return Section(
        "Trained weights",
        "Download the run's start weights under Export, and save them beside this file. "
        f"Layers of the same name and shape take the weights over{frozen}.",
        transfer_code(spec, start),
    )


def _handwriting(spec: Spec, file: str) -> Section:
    alone = spec.split.mnist_images == 0
    lines = [
        f'digits = np.load("{file}")',
        'images = digits["x_train"][..., None].astype("float32") / 255',
        'labels = digits["y_train"]',
    ]
    if spec.training.loss == "categorical_crossentropy":
        lines += [f"labels = keras.utils.to_categorical(labels, {CLASSES})"]
    if alone:
        lines += ["x_train, y_train = images, labels"]
    else:
        lines += ["x_train = np.concatenate([x_train, images])"]
        lines += ["y_train = np.concatenate([y_train, labels])"]
    return Section(
        "Our handwriting",
        "Create the run, download the digits file under Export, and save it beside this file. Its "
        f"digits {'replace' if alone else 'are added to'} MNIST's in training.",
        "\n".join(lines),
    )


_TEST = """\
probabilities = model.predict(x_test, verbose=0)
accuracy = (probabilities.argmax(axis=1) == y_test).mean()
wrong = round((1 - accuracy) * len(x_test))
p_true = probabilities[np.arange(len(x_test)), y_test]
loss = -np.log(np.maximum(p_true, np.finfo("float32").tiny)).mean()  # cross-entropy
print(f"Test accuracy {accuracy:.2%}: {wrong:,} wrong of {len(x_test):,}. Test loss {loss:.4f}.")"""

_LEARNED = """
rows = np.isin(y_test, learned)
right = probabilities[rows].argmax(axis=1) == y_test[rows]
print(f"On the {rows.sum():,} test images of the digits it learned: {right.mean():.2%}.")"""


def _head(spec: Spec, exact: bool, test: bool) -> str:
    training = spec.training
    own = makes_batches(spec, exact)
    lines = ["import math\n"] if own else []
    lines += ["import keras"]
    loads = spec.transfer or spec.split.handwriting
    lines += ["import numpy as np"] if own or test or loads else []
    lines += ["import tensorflow as tf"] if augments(spec) else []
    lines += ["from keras import layers"]
    if spec.split.kind == "fold":
        lines += ["from sklearn.model_selection import StratifiedKFold"]
    seed = str(training.seed)
    lines += [""]
    if own:
        lines += [f"SEED = {seed}"]
        seed = "SEED"
    lines += [f"keras.utils.set_random_seed({seed})"]
    if training.precision != "float32":
        lines += [f'keras.mixed_precision.set_global_policy("{training.precision}")']
    return "\n".join(lines)


def _data(spec: Spec) -> str:
    lines = ["(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()"]
    if digits := spec.split.digits:
        lines += [f"learned = {list(digits)}  # the digits that it learns"]
        lines += ["rows = np.isin(y_train, learned)"]
        lines += ["x_train, y_train = x_train[rows], y_train[rows]"]
    if limit := spec.split.limit:
        lines += [f"x_train, y_train = x_train[:{limit}], y_train[:{limit}]"]
    if spec.split.kind == "fold":
        lines += _fold(spec.split)
    lines += [
        'x_train = x_train[..., None].astype("float32") / 255  # (n, 28, 28, 1) in [0, 1]',
        'x_test = x_test[..., None].astype("float32") / 255',
    ]
    if spec.split.kind == "test" and digits:
        lines += ["rows = np.isin(y_test, learned)"]
        lines += ["x_val, y_val = x_test[rows], y_test[rows]"]
    elif spec.split.kind == "test":
        lines += ["x_val, y_val = x_test, y_test"]
    if spec.split.kind in ("last", "fraction", "fold"):
        train, validation = f":{spec.split.boundary}", f"{spec.split.boundary}:"
        if spec.split.kind == "fold":
            train, validation = "train", "validation"
        lines += [
            f"x_val, y_val = x_train[{validation}], y_train[{validation}]",
            f"x_train, y_train = x_train[{train}], y_train[{train}]",
        ]
    if spec.training.loss == "categorical_crossentropy":
        names = ["y_train"] + ["y_val"] * (spec.split.kind != "none")
        lines += [f"{name} = keras.utils.to_categorical({name}, {CLASSES})" for name in names]
    return "\n".join(lines)


def _fold(split: Split) -> list[str]:
    """Return lines that draw a fold, which needs the labels before one-hot encoding."""
    return [
        f"# Fold {split.fold} of {split.folds}; Python counts from 0.",
        f"folds = StratifiedKFold({split.folds}, shuffle=True, random_state={split.seed})",
        f"train, validation = list(folds.split(x_train, y_train))[{split.fold - 1}]",
    ]
