"""Whose digits a network has learned from, whose digits it reads, and how people's hands differ.

In MNIST the place of an image tells who wrote it. Source: the writers that Yadav and Bottou 2019
("Cold Case: The Lost MNIST Digits") found for each image. LeCun's page has the two halves of the
test set the other way around. The accuracies are those of real networks, recorded by
`python -m benchmarks.record_domain_shift`.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
from scipy import ndimage

from mnist_core.dataset import mnist
from mnist_core.dataset.mnist import TEST_IMAGES, TRAINING_IMAGES
from mnist_core.insight.distortions import DISTORTIONS, Distortion, transform
from mnist_core.network.presets import find

PATH = Path(__file__).parent / "domain_shift.json"

Group = Literal["students", "employees"]
Source = Literal["both", "students", "employees"]
"""The writers of the training images."""
GROUPS: tuple[Group, ...] = ("students", "employees")
SOURCES: tuple[Source, ...] = ("both", "students", "employees")

NETWORK = find("note-5").network
TRAINING = find("note-5").training
SEEDS = 3
TRAINED = 29_050
"""Training images by high-school students, and what every network is trained on."""
TESTED: dict[Group, int] = {"students": 5_001, "employees": 4_999}
"""Test images by each group: first those of the students."""
WRITERS: dict[Group, int] = {"students": 249, "employees": 48}
"""Writers of these test images; none of them wrote a training image."""
SHOWN = 5
"""Example digits of each group."""


def training_rows(source: Source) -> np.ndarray:
    """Return the rows of TRAINED training images by these writers.

    Of the first 58,100 images, those in even rows are by students; all others are by employees.
    """
    rows = np.arange(TRAINING_IMAGES)
    by_students = (rows % 2 == 0) & (rows < 2 * TRAINED)
    match source:
        case "students":
            return rows[by_students]
        case "employees":
            return rows[~by_students][:TRAINED]
        case "both":
            return rows[:TRAINED]


def rows_of(group: Group, digit: int | None = None) -> np.ndarray:
    """Return the rows of the test images by a group. digit: of this digit alone."""
    rows = np.arange(TEST_IMAGES)
    mine = (rows < TESTED["students"]) == (group == "students")
    return rows[mine if digit is None else mine & (mnist.load().y_test == digit)]


def _slant(images: np.ndarray, degrees: float, seeds: np.ndarray) -> np.ndarray:
    """Lean to the right about the center, the rows staying rows."""
    return transform(images, np.array([[1, 0], [np.tan(np.deg2rad(degrees)), 1]]))


def _widen(images: np.ndarray, percent: float, seeds: np.ndarray) -> np.ndarray:
    """Scale the width about the center, the height staying as it is."""
    return transform(images, np.diag([1, 100 / percent]))


def _sharpen(images: np.ndarray, percent: float, seeds: np.ndarray) -> np.ndarray:
    """Blend with black and white alone, as a pen without soft edges would write."""
    return images + percent / 100 * (np.where(images >= 128, 255.0, 0.0) - images)


def _cross(images: np.ndarray, pixels: float, seeds: np.ndarray) -> np.ndarray:
    """Put a level bar, 2 pixels thick, through the stem of each 7. pixels: its length."""
    made = images.astype(np.float32)
    columns = np.arange(images.shape[2])
    for image in made:
        inked = np.flatnonzero(image.max(axis=1))
        middle = round(inked[0] + 0.55 * (inked[-1] - inked[0]))
        stem = ndimage.center_of_mass(image[middle])[0]
        bar = 255 * np.clip(pixels / 2 - np.abs(columns - stem) + 0.5, 0, 1)
        for row, share in ((middle - 1, 0.5), (middle, 1), (middle + 1, 0.5)):
            image[row] = np.maximum(image[row], share * bar)
    return made


@dataclass(frozen=True)
class Shift:
    """A way in which people's digits differ from MNIST's.

    digit: the only one that it concerns, or None; says: why people differ in it.
    """

    distortion: Distortion
    says: str
    digit: int | None = None

    def examples(self, group: Group) -> np.ndarray:
        """Return the rows of SHOWN test images: of five digits, or of the one that it concerns."""
        if self.digit is not None:
            return rows_of(group, self.digit)[:SHOWN]
        return np.array([rows_of(group, digit)[0] for digit in (2, 3, 4, 7, 9)])


def _shift(says: str, distortion: Distortion, digit: int | None = None) -> Shift:
    return Shift(distortion, says, digit)


SHIFTS: dict[str, Shift] = {
    shift.distortion.name: shift
    for shift in (
        _shift(
            "A ballpoint pen, a felt pen and a finger on a screen make strokes of different "
            "thickness.",
            DISTORTIONS["thickened"],
        ),
        _shift(
            "Some people slant their digits to the left, others to the right.",
            Distortion("slanted", "Slanted", "°", (-45, -30, -20, -10, 0, 10, 20, 30, 45), _slant),
        ),
        _shift(
            "Some people write narrow digits, others wide ones.",
            Distortion(
                "widened", "Widened", " %", (40, 50, 60, 70, 80, 100, 120, 140), _widen, none=100
            ),
        ),
        _shift(
            "MNIST's gray edges come from shrinking black-and-white scans. A picture made without "
            "that smoothing has only black and white pixels.",
            Distortion("sharpened", "Hard edges", " %", (0, 25, 50, 75, 100), _sharpen),
        ),
        _shift(
            "In many countries, people cross their 7s. Only 7s are counted here.",
            Distortion("crossed", "Bar on the 7", " px", (0, 4, 6, 8, 10, 12, 14), _cross),
            7,
        ),
    )
}


@dataclass(frozen=True, eq=False)
class Measured:
    """The networks of one source under one shift.

    right: int (groups, seeds, levels), images read correctly, in the order of GROUPS; read: int
    (levels, groups, SHOWN), what the network of seed 0 reads in the examples.
    """

    shift: Shift
    right: np.ndarray
    read: np.ndarray

    def images(self, group: Group) -> int:
        """Return how many test images were measured."""
        return len(rows_of(group, self.shift.digit))

    def accuracy(self, group: Group) -> np.ndarray:
        """Return the mean accuracy at each level, float (levels,) in [0, 1]."""
        return self.right[GROUPS.index(group)].mean(axis=0) / self.images(group)


@cache
def measured() -> dict[tuple[Source, str], Measured]:
    """Return what was recorded, by the source and the name of the shift."""
    found = json.loads(PATH.read_text(encoding="utf-8"))
    return {
        (each["source"], each["shift"]): Measured(
            SHIFTS[each["shift"]], np.array(each["right"]), np.array(each["read"])
        )
        for each in found
    }
