"""Eight distortions that make test images harder to read; NumPy and SciPy alone."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

Apply = Callable[[np.ndarray, float, np.ndarray], np.ndarray]
"""(images, amount, seeds) -> distorted images (n, 28, 28) of any numeric dtype.

images: (n, 28, 28) uint8, ink bright; seeds: (n,) int.
"""

_CROSS = ndimage.generate_binary_structure(2, 1)[None]


@dataclass(frozen=True)
class Distortion:
    """One kind of distortion.

    levels: the amounts to measure, ascending; `none`, the amount that changes nothing, is one of
    them. words: the name for people.
    """

    name: str
    words: str
    unit: str
    levels: tuple[float, ...]
    make: Apply
    none: float = 0

    def apply(self, images: np.ndarray, amount: float, seeds: np.ndarray) -> np.ndarray:
        """Return the distorted images: uint8 (n, 28, 28); the images themselves for `none`.

        images: uint8 (n, 28, 28), ink bright. seeds: (n,) integers, such as row numbers. The random
        part of a distortion depends on the image's own seed alone, so that a larger amount
        distorts each image in the same way, only more.
        """
        if amount == self.none:
            return images
        made = self.make(images, amount, seeds)
        return np.rint(np.clip(made, 0, 255)).astype(np.uint8)

    def say(self, amount: float) -> str:
        """Return an amount with its unit: 30°, 2 px."""
        return f"{amount:g}{self.unit}"


def _rotate(images: np.ndarray, degrees: float, seeds: np.ndarray) -> np.ndarray:
    """Rotate clockwise about the center, with bilinear interpolation."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return transform(images, np.array([[cos, -sin], [sin, cos]]))


def _scale(images: np.ndarray, percent: float, seeds: np.ndarray) -> np.ndarray:
    """Scale about the center, with bilinear interpolation; the image keeps its 28 x 28 pixels."""
    return transform(images, np.eye(2) * 100 / percent)


def transform(images: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return images whose pixels come from matrix @ (row, column), measured from the center.

    images: (n, 28, 28); matrix: (2, 2); bilinear interpolation, with paper around the image.
    """
    whole = np.eye(3)
    whole[1:, 1:] = matrix
    middle = (np.array(images.shape) - 1) / 2
    offset = middle - whole @ middle
    return ndimage.affine_transform(images.astype(np.float32), whole, offset, order=1)


def _shift(images: np.ndarray, pixels: float, seeds: np.ndarray) -> np.ndarray:
    """Shift to the right by whole pixels; 0 (paper) fills the left."""
    by = round(pixels)
    return np.pad(images, ((0, 0), (0, 0), (by, 0)))[:, :, : images.shape[2]]


def _blur(images: np.ndarray, sigma: float, seeds: np.ndarray) -> np.ndarray:
    """Blur with a Gaussian. sigma: its standard deviation, in pixels."""
    return ndimage.gaussian_filter(images.astype(np.float32), (0, sigma, sigma), mode="constant")


def _add_noise(images: np.ndarray, deviation: float, seeds: np.ndarray) -> np.ndarray:
    """Add Gaussian noise to every pixel. deviation: standard deviation, in gray levels of 255."""
    shape = images.shape[1:]
    noise = [np.random.default_rng(seed).standard_normal(shape, np.float32) for seed in seeds]
    return images + deviation * np.array(noise).reshape(images.shape)


def _thicken(images: np.ndarray, pixels: float, seeds: np.ndarray) -> np.ndarray:
    """Dilate strokes by `pixels` per side, or erode them if negative; fractions are blended."""
    change = ndimage.grey_dilation if pixels > 0 else ndimage.grey_erosion
    whole, rest = divmod(abs(pixels), 1)
    made = images.astype(np.float32)
    for _ in range(int(whole)):
        made = change(made, footprint=_CROSS, mode="constant")
    if rest:
        made = (1 - rest) * made + rest * change(made, footprint=_CROSS, mode="constant")
    return made


def _invert(images: np.ndarray, percent: float, seeds: np.ndarray) -> np.ndarray:
    """Blend with the negative, dark ink on bright paper; at 50 % every pixel has the same gray."""
    values = images.astype(np.float32)
    return values + percent / 100 * (255 - 2 * values)


def _hide(images: np.ndarray, side: float, seeds: np.ndarray) -> np.ndarray:
    """Cover a random place of the ink's bounding box with a square of paper. side: in pixels."""
    places = np.array([np.random.default_rng(seed).random(2) for seed in seeds]).reshape(-1, 2)
    inside = np.ones(images.shape, bool)
    for axis in (1, 2):
        inked = images.max(axis=3 - axis, initial=0) > 0  # (n, 28)
        first = inked.argmax(axis=1)
        last = inked.shape[1] - 1 - inked[:, ::-1].argmax(axis=1)
        middle = np.round(first + places[:, axis - 1] * (last - first))
        start = middle[:, None] - side // 2
        pixels = np.arange(images.shape[axis])
        hit = (start <= pixels) & (pixels < start + side)
        inside &= np.expand_dims(hit, 3 - axis)
    return np.where(inside, 0, images)


DISTORTIONS: dict[str, Distortion] = {
    distortion.name: distortion
    for distortion in (
        Distortion("rotated", "Rotated", "°", (0, 10, 20, 30, 45, 60, 90, 135, 180), _rotate),
        Distortion("shifted", "Shifted", " px", (0, 1, 2, 3, 4, 5, 6, 8, 10), _shift),
        Distortion(
            "scaled", "Scaled", " %", (40, 50, 60, 80, 100, 120, 140, 160), _scale, none=100
        ),
        Distortion("blurred", "Blurred", " px", (0, 0.5, 1, 1.5, 2, 2.5, 3, 4), _blur),
        Distortion(
            "noised", "Noisy", " gray levels", (0, 20, 40, 60, 80, 100, 130, 160), _add_noise
        ),
        Distortion("thickened", "Thickened", " px", (-1.5, -1, -0.5, 0, 0.5, 1, 2, 3), _thicken),
        Distortion("inverted", "Inverted", " %", (0, 10, 20, 30, 40, 50, 60, 80, 100), _invert),
        Distortion("hidden", "Partly hidden", " px", (0, 2, 4, 6, 8, 10, 12, 14), _hide),
    )
}


def amounts_below(share: float, distortion: Distortion, accuracy: np.ndarray) -> list[float]:
    """Return the mildest amounts at which accuracy is below `share`, at most one per direction.

    share: in [0, 1]; accuracy: (levels,), in [0, 1]. The directions are the levels below and above
    `none`. Returns `none` alone if the unchanged images are already below `share`.
    """
    none, count = distortion.levels.index(distortion.none), len(distortion.levels)
    if accuracy[none] < share:
        return [distortion.none]
    sides = range(none - 1, -1, -1), range(none + 1, count)
    first = [next((place for place in side if accuracy[place] < share), None) for side in sides]
    return [distortion.levels[place] for place in first if place is not None]
