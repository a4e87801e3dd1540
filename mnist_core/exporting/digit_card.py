"""The data card of a set of digits in Markdown: what it holds, how it was made, its limits.

Source: Gebru et al. 2021, "Datasheets for Datasets".
"""

from collections.abc import Mapping

import numpy as np

from mnist_core.dataset.digit_set import DigitSet, is_for_testing
from mnist_core.dataset.mnist import class_counts
from mnist_core.evaluation.tables import to_markdown
from mnist_core.network.layers import CLASSES
from mnist_core.utils.text import plural

_MADE = """\
A digit that was drawn in the app was preprocessed as MNIST's were (LeCun et al. 1998, section
III-A): cropped to its ink, scaled to fit a box of 20x20 pixels with its aspect ratio and
antialiased edges, and placed in 28x28 pixels with its center of mass in the middle. Very thin or
thick strokes were changed to the width of MNIST's. 0 is paper, 255 is ink. The label is the digit
that the writer was asked for or entered; it may be wrong."""

_CONSENT = """\
- Share this set only in ways its writers agreed to. Whoever collected it must have asked them, or
  the parents of children. If a writer withdraws consent, delete that writer's digits by number.
- The numbers of the writers are pseudonyms: they stand for names that are not in this file. Whoever
  keeps the list of both knows the names, and handwriting itself can be recognized."""

_FEW = """\
- The set has {writers}. The digits of one writer are alike, so a figure on this set is less certain
  than its number of digits suggests.
- Students in one class often learned to write the same way. Other ages and countries write other
  shapes.
- It is made for learning and teaching. Do not use a network trained on it to make decisions about
  people."""


def of_set(digits: DigitSet, files: Mapping[str, str], in_parts: bool) -> str:
    """Return the data card of a set, Markdown.

    files: what each file beside the card holds; in_parts: whether they hold the training part and
    the test part apart.
    """
    writers = plural(len(np.unique(digits.writers)), "writer")
    rows = [(f"`{name}`", words) for name, words in files.items()]
    parts = {
        "Files": to_markdown(("file", "holds"), rows),
        "Digits per writer": _counts(digits),
        "How it was made": _MADE,
        "Consent": _CONSENT,
        "Limits": _FEW.format(writers=writers),
    }
    if in_parts:
        parts["Files"] += f"\n\n{_split(digits)}"
    text = "\n\n".join(f"## {title}\n\n{body}" for title, body in parts.items())
    return (
        f"# Data card. Handwritten {_amount(digits.writers)}\n\n"
        "Gray images of 28x28 pixels like MNIST's, each with its label, 0 to 9, and its writer."
        f"\n\n{text}\n"
    )


def _split(digits: DigitSet) -> str:
    for_testing = is_for_testing(digits.writers)
    train, test = (_amount(digits.writers[rows]) for rows in (~for_testing, for_testing))
    if for_testing.all():
        why = "A single writer cannot be in both parts; the training part is empty."
    else:
        why = (
            "No writer is in both parts. Writers 2, 7, 12, and so on are for testing. If that "
            "leaves one part empty, only the writer with the highest number is for testing."
        )
    return f"For training: {train}. For testing: {test}. {why}"


def _amount(writers: np.ndarray) -> str:
    """Return a number of digits in words. writers: (n,)."""
    return f"{plural(len(writers), 'digit')} of {plural(len(np.unique(writers)), 'writer')}"


def _counts(digits: DigitSet) -> str:
    rows = [
        (str(number), *_cells(digits.labels[digits.writers == number]))
        for number in np.unique(digits.writers)
    ]
    rows.append(("all", *_cells(digits.labels)))
    return to_markdown(("writer", *map(str, range(CLASSES)), "all"), rows)


def _cells(labels: np.ndarray) -> tuple[str, ...]:
    return (*(f"{count:,}" for count in class_counts(labels)), f"{len(labels):,}")
