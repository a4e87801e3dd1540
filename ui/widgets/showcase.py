"""Test images with a network's predictions: a sign, the digit and the confidence."""

import numpy as np
import streamlit as st

from mnist_core.utils.text import probability
from ui.widgets import gallery

WIDTH = 84  # pixels: words such as ✓ 9, 100 % stay on one line


def show(images: np.ndarray, labels: np.ndarray, probabilities: np.ndarray | None) -> None:
    """Draw the images with their predictions.

    images: uint8 (n, 28, 28), ink bright; labels: (n,); probabilities: (n, 10), None before.
    """
    if probabilities is None:
        words = ["?"] * len(images)
        alts = [f"a handwritten {label}, not read yet" for label in labels]
    else:
        guesses = probabilities.argmax(axis=1)
        words = [
            f"{'✓' if guess == label else '✗'} {guess}, {probability(float(chance), 0)}"
            for label, guess, chance in zip(labels, guesses, probabilities.max(axis=1), strict=True)
        ]
        alts = [
            f"a handwritten {label}, read as {guess}"
            for label, guess in zip(labels, guesses, strict=True)
        ]
    gallery.gallery(images, words, alts, width=WIDTH)


def after(epoch: int, probabilities: np.ndarray, labels: np.ndarray) -> None:
    """Draw how many digits were read right after an epoch, counted from 1."""
    right = (probabilities.argmax(axis=1) == labels).sum()
    st.caption(f"After epoch {epoch}: {right} of {len(labels)} right.")
