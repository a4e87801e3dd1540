"""An image changed a little, on purpose, until a network reads something else."""

from dataclasses import dataclass

import numpy as np

LARGEST = 80  # grey levels of 255; beyond that a person begins to be misled as well


def perturb(image: np.ndarray, gradient: np.ndarray, levels: np.ndarray) -> np.ndarray:
    """Move every pixel by whole grey levels in the direction of a gradient's sign.

    image: (28, 28) uint8; gradient: (28, 28), of what shall grow; levels: (n,) int >= 0. Returns
    (n, 28, 28) uint8: what would leave 0 to 255 stays at its end, and where the gradient is 0
    nothing moves. Source: Goodfellow, Shlens and Szegedy 2015, the fast gradient sign method.
    """
    step = np.sign(gradient).astype(np.int64)
    moved = image.astype(np.int64) + np.asarray(levels)[:, None, None] * step
    return moved.clip(0, 255).astype(np.uint8)


@dataclass(frozen=True, eq=False)
class Attack:
    """What a network makes of an image changed by 0, 1, 2 ... grey levels.

    images: (n, 28, 28) uint8, the first one unchanged; probabilities: (n, 10); label: the digit
    that it shows; goal: what it shall be read as, None for anything but the label.
    """

    images: np.ndarray
    probabilities: np.ndarray
    label: int
    goal: int | None = None

    @property
    def read(self) -> np.ndarray:
        """The most probable digit at each size: (n,) int."""
        return self.probabilities.argmax(axis=1)

    @property
    def rival(self) -> np.ndarray:
        """The goal, or the most probable digit but the label at each size: (n,) int."""
        if self.goal is not None:
            return np.full(len(self.images), self.goal)
        others = self.probabilities.copy()
        others[:, self.label] = -1
        return others.argmax(axis=1)

    @property
    def smallest(self) -> int | None:
        """The smallest size that fools the network, in grey levels; None if none here does."""
        fooled = self.read != self.label if self.goal is None else self.read == self.goal
        return int(fooled.argmax()) if fooled.any() else None
