"""Preprocessing of a drawing or a photo of one handwritten digit to an image like MNIST's.

The last steps are those of LeCun et al. 1998, section III-A: the digit fits a box of 20 pixels,
aspect kept, edges antialiased, and its center of mass goes to the middle of 28x28.
"""

import threading
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from mnist_core.dataset.images import DigitError, Source, read_image, to_grey
from mnist_core.dataset.mnist import SIDE

BOX = 20  # the digit's longest side
MIDDLE = 14  # in MNIST every center of mass is within 0.5 of pixel index 14 (measured: all 70,000)
ROUGH, CLOSE = 400, 200  # longest sides for finding ink: in the whole picture, then near the digit
NOISY = 0.5  # gray levels: a picture with more noise is a photo, with less a clean drawing
SHARP = 0.9  # of the steepest edge; measured: a step 1.7, a thin line 1.0, most soft shadows 0.7
LOW, HIGH = 0.25, 0.8  # in a photo, ink below LOW counts as none, ink above HIGH as full
SMALLEST = 6  # pixels: the least height of a digit
FAINT = 0.2  # weaker ink does not count for the bounding box
THIN, NORMAL = 1.1, 2.0  # stroke widths in a box of 20; MNIST's median is 2.3

_one_file = threading.Lock()
"""A large file takes 0.2 GB for a second: thirty at once would exhaust the memory."""


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the preprocessing with its result, (H, W) uint8, read-only."""

    name: str
    explanation: str
    image: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Prepared:
    """The result: `image`, (28, 28) uint8, ink bright, read-only; and the steps in their order."""

    image: NDArray[np.uint8]
    steps: tuple[Step, ...]


def prepare(source: Source) -> Prepared:
    """Convert a picture of one digit, dark on light or light on dark, to an image like MNIST's.

    source: what `read_image` takes. Raises DigitError where it cannot be read or shows no ink.
    """
    if isinstance(source, np.ndarray | Image.Image):
        grey = to_grey(read_image(source))
    else:
        with _one_file:
            grey = to_grey(read_image(source))
    dark = is_dark_on_light(grey)
    ink = find_ink(_shrink(_region(grey, find_ink(_shrink(grey, ROUGH), dark)), CLOSE), dark)
    crop = thicken(ink[_box(ink)])
    small = to_box(crop)
    read_as = "dark on light" if dark else "light on dark"
    stages = (
        ("Grey", "The picture as brightness alone.", _shrink(grey, ROUGH) / 255),
        ("Ink", f"Read as {read_as}; paper, shadows and noise are taken away.", ink),
        ("Crop", "Cut to the ink; strokes much thinner than MNIST's are thickened.", crop),
        ("Shrink", f"The longest side becomes {BOX} pixels; the aspect is kept.", small),
        ("Centre", f"The center of mass moves to the middle of {SIDE}x{SIDE}.", center(small)),
    )
    steps = tuple(Step(name, explanation, _to_uint8(stage)) for name, explanation, stage in stages)
    return Prepared(steps[-1].image, steps)


def is_dark_on_light(grey: NDArray[np.float32]) -> bool:
    """Return whether ink is darker than paper, by the sign of deviations from a local median.

    Parts at the frame count less, since they are often shadows. In a photo light ink must prevail
    clearly, since highlights are more common than chalk. grey: (H, W) float32 in [0, 255].
    """
    small = _shrink(grey, 48)
    window = int(0.3 * max(small.shape)) | 1
    deviation = small - ndimage.median_filter(small, window, mode="nearest")
    spread = _robust_deviation(deviation)
    masks = (sign * deviation > 3 * spread + 0.01 for sign in (1, -1))
    light, dark = (_parts(mask, deviation**2, at_frame=0.1)[1].sum() for mask in masks)
    return bool(dark >= light / (4 if spread > 0 else 1))


def find_ink(grey: NDArray[np.float32], dark: bool) -> NDArray[np.float32]:
    """Return the ink per pixel, (H, W) float32 in [0, 1], without shadows, noise and specks.

    grey: (H, W) float32 in [0, 255]; dark: whether ink is darker than paper.
    Raises DigitError where nothing stands out from the noise, or only marks with soft edges, which
    are light and not ink.
    """
    ink = missing_light(grey if dark else 255 - grey)
    noise, top = _robust_deviation(ink), float(ink.max())
    needed = max(8.0, 7 * noise)
    scale = max(1, max(ink.shape) / 100)
    steepest = 5 * scale * ndimage.gaussian_gradient_magnitude(ink, scale).max()
    if top < needed or (noise > NOISY and steepest < SHARP * top):
        raise DigitError(
            f"ink must differ from its paper by {needed:.0f} of 255 grey levels and have sharp "
            f"edges; received a picture whose strongest mark differs by {top:.0f}: draw a digit, "
            "or photograph it closer, sharper and in more light"
        )
    low, high = 0.0, top  # a clean drawing keeps its gray levels
    if noise > NOISY:
        full = float(np.percentile(ink[ink > top / 2], 75))
        low, high = max(3 * noise, LOW * full), HIGH * full
    share = np.clip((ink - low) / max(high - low, 1), 0, 1)
    labels, mass = _parts(share > 0.02, share)
    strong = np.zeros(mass.size, bool)
    strong[labels[share >= 0.5]] = True
    mass[~strong] = 0
    keep = mass > 0.04 * mass.max()
    return np.where(keep[labels], share, 0).astype(np.float32)


def missing_light(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much darker each pixel is than the paper around it: 0 as bright, 255 black.

    light: (H, W) float32 in [0, 255], ink dark. The paper is estimated by a morphological closing,
    which fills strokes narrower than a quarter of the picture and keeps the edges of shadows.
    """
    size = max(light.shape)
    if np.median(np.abs(np.ediff1d(light, to_begin=0))) > 0:  # noise: a photo
        light = ndimage.gaussian_filter(light, size / 250)
    window = max(3, size // 4 | 1)
    paper = np.pad(
        light, window, mode="edge"
    )  # otherwise shadows that reach the frame would be ink
    paper = ndimage.minimum_filter(ndimage.maximum_filter(paper, window), window)
    paper = paper[window:-window, window:-window]
    ink = 255 * (paper - light) / np.maximum(paper, 20)
    return (ink - np.median(ink)).astype(np.float32, copy=False)


def thicken(crop: NDArray[np.float32]) -> NDArray[np.float32]:
    """Widen thin strokes to the width NORMAL, and no others. float32 (h, w) in [0, 1]."""
    scale = BOX / max(crop.shape)
    mask = np.pad(crop >= 0.5, 1)
    width = (
        4 * ndimage.distance_transform_edt(mask)[mask].mean() - 2
    )  # mean distance in a band of width w: (w + 2) / 4
    if width * scale >= THIN:
        return crop
    radius = max(1, round((NORMAL / scale - width) / 2))
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    disk = x**2 + y**2 <= radius**2
    return ndimage.grey_dilation(np.pad(crop, radius), footprint=disk, mode="constant")


def to_box(crop: NDArray[np.float32]) -> NDArray[np.float32]:
    """Resize to a longest side of 20, antialiased, strongest ink 1; float32 (h, w) in [0, 1]."""
    scale = BOX / max(crop.shape)
    height, width = (max(1, round(side * scale)) for side in crop.shape)
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    small = np.asarray(Image.fromarray(crop).resize((width, height), method)).clip(0, None)
    return small / small.max()


def center(small: NDArray[np.float32]) -> NDArray[np.float32]:
    """Place a digit in 28x28, center of mass at pixel (14, 14), by whole pixels, uncut.

    small: (h, w) float32 in [0, 1], ink bright, not blank, at most 28x28.
    """
    before = [
        int(np.clip(round(MIDDLE - middle), 0, SIDE - length))
        for middle, length in zip(ndimage.center_of_mass(small), small.shape, strict=True)
    ]
    after = [SIDE - b - length for b, length in zip(before, small.shape, strict=True)]
    return np.pad(small, list(zip(before, after, strict=True)))


def _robust_deviation(values: NDArray[np.float32]) -> float:
    """Return a standard deviation that ignores outliers: 1.4826 x median absolute deviation."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _shrink(grey: NDArray[np.float32], side: int) -> NDArray[np.float32]:
    """Reduce to a longest side of `side`; a smaller picture stays as it is."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BOX))


def _parts(
    mask: NDArray[np.bool], weight: NDArray[np.float32], at_frame: float = 1.0
) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Label the connected parts of a mask and sum the weights of each.

    Returns labels (H, W), from 1, and sums (parts + 1,). The sums of parts that touch the frame are
    multiplied by `at_frame`.
    """
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    mass = ndimage.sum_labels(weight, labels, np.arange(count + 1))
    mass[np.unique(np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1])))] *= (
        at_frame
    )
    mass[0] = 0  # number 0 is what lies outside the mask
    return labels, mass


def _box(ink: NDArray[np.float32]) -> tuple[slice, slice]:
    """Return rows and columns of the bounding box of the ink."""
    rows, columns = ndimage.find_objects((ink > FAINT).astype(np.int8))[0]
    return rows, columns


def _region(grey: NDArray[np.float32], rough: NDArray[np.float32]) -> NDArray[np.float32]:
    """Crop `grey`, with a margin, to the ink that was found in its smaller copy `rough`."""
    scale = max(grey.shape) / max(rough.shape)
    box = _box(rough)
    length = max(part.stop - part.start for part in box)
    if length * scale < SMALLEST:
        raise DigitError(
            f"a digit must be at least {SMALLEST} pixels high; received a mark of "
            f"{length * scale:.0f}: draw it larger, or take the photo closer"
        )
    margin = 0.25 * length + 1
    spans = [((part.start - margin) * scale, (part.stop + margin) * scale) for part in box]
    return grey[tuple(slice(max(0, int(start)), int(stop) + 1) for start, stop in spans)]


def _to_uint8(stage: NDArray[np.floating]) -> NDArray[np.uint8]:
    image = np.rint(stage * 255).clip(0, 255).astype(np.uint8)
    image.setflags(write=False)
    return image
