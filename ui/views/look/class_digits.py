"""The digits of a class among the test images, on the tab Embedding."""

from dataclasses import dataclass

import numpy as np
import streamlit as st

from mnist_core.evaluation.run import Run
from mnist_core.insight.neighbors import Space, sample_for_map
from mnist_core.storage import handwriting
from mnist_core.storage.handwriting import Sample
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import percent, plural, with_article
from ui.session import cache
from ui.widgets import class_digits, controls, messages

SHOWN = 300  # each is an element of the page, and many make it slow
ABOUT = (
    "Squares are digits from **Our handwriting**: filled if read correctly, open if not. The map "
    "itself stays the same. A square far from its island may be a sign of domain shift."
)


@dataclass(frozen=True, eq=False)
class ClassDigits:
    """Digits of a class. places: (n, k) in the space; labels, predicted: (n,); words: of each."""

    places: np.ndarray
    labels: np.ndarray
    predicted: np.ndarray
    words: list[str]


def _accuracy(run: Run, samples: list[Sample], predicted: np.ndarray) -> str:
    """Return how many digits a network reads, of writers that it was not trained on."""
    new = class_digits.is_new([run], samples, handwriting.OWN)
    if not new.any():
        return "The network was trained on digits by all of these writers."
    right = (predicted == [each.label for each in samples])[new]
    return (
        f"The network reads **{percent(right.mean(), 1)}** of {plural(len(right), 'digit')} "
        f"correctly{'' if new.all() else '; writers it was trained on are left out'}."
    )


def choose(run: Run, known: Space) -> ClassDigits | None:
    """Draw the toggle for the class's digits, if there are any; return those to put on the map."""
    if not handwriting.ids(cache.store()):
        return None
    if not controls.toggle("Our handwriting", key="look_embedding_class"):
        return None
    samples = class_digits.follow(handwriting.OWN)
    images, labels = np.stack([each.image for each in samples]), [each.label for each in samples]
    try:
        predicted = cache.probabilities(run, images).argmax(axis=1)
        rows = sample_for_map(np.array(labels), predicted, SHOWN)
        places = known.project(cache.features(run, images[rows]))
    except MnistError as error:
        messages.show_error(error)
        return None
    few = (
        ""
        if len(rows) == len(labels)
        else f"The map shows {len(rows)} of the {len(labels)} digits."
    )
    st.markdown(f"{_accuracy(run, samples, predicted)} {few}".strip())
    st.caption(ABOUT)
    words = [
        f"Writer {samples[row].writer}: {with_article(labels[row])}, read as {predicted[row]}"
        for row in rows
    ]
    return ClassDigits(places, np.array(labels)[rows], predicted[rows], words)
