"""Adversarial examples: images changed slightly so that a network misclassifies them."""

from dataclasses import dataclass

import numpy as np

LARGEST = 80  # gray levels of 255; larger changes begin to mislead people as well


def perturb(image: np.ndarray, gradient: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Change every pixel by whole gray levels in the direction of the gradient's sign.

    image: (28, 28) uint8; gradient: (28, 28), of the quantity to increase; levels: (n,) int >= 0.
    Returns (n, 28, 28) uint8, clipped to 0 to 255; pixels with a gradient of 0 stay as they are.
    Source: Goodfellow, Shlens and Szegedy 2015, the fast gradient sign method.
    """
    step = np.sign(gradient).astype(np.int64)
    moved = image.astype(np.int64) + np.asarray(levels)[:, None, None] * step
    return moved.clip(0, 255).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Attack:
    """An attack on one image: its versions changed by 0, 1, 2 ... gray levels, and predictions.

    images: (n, 28, 28) uint8, the first one unchanged; probabilities: (n, 10); label: the true
    digit; goal: the class that a targeted attack aims at, None for an untargeted attack.
    """

    images: np.ndarray
    probabilities: np.ndarray
    label: int
    goal: int | None = None

    @property
    def read(self) -> np.ndarray:
        """The predicted digit at each size of the change: (n,) int."""
        return self.probabilities.argmax(axis=1)

    @property
    def rival(self) -> np.ndarray:
        """The goal, or else the most probable wrong digit at each size of the change: (n,) int."""
        if self.goal is not None:
            return np.full(len(self.images), self.goal)
        others = self.probabilities.copy()
        others[:, self.label] = -1
        return others.argmax(axis=1)

    @property
    def smallest(self) -> int | None:
        """The smallest change that the network misreads, in gray levels; None if there is none."""
        fooled = self.read != self.label if self.goal is None else self.read == self.goal
        return int(fooled.argmax()) if fooled.any() else None
