"""Turns a drawing or a picture of handwritten digits into images like MNIST's.

The last steps are those of LeCun et al. 1998, section III-A: the digit is scaled to fit a box of 20
pixels, with its aspect ratio and antialiased edges, and its center of mass moves to the middle of
28x28.
"""

import threading
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from mnist_core.dataset import ink, separation
from mnist_core.dataset.images import DigitError, Source, read_grey
from mnist_core.dataset.ink import Grey, InkFinder
from mnist_core.dataset.mnist import SIDE

BOX = 20  # the digit's longest side
MIDDLE = 14  # in MNIST every center of mass is within 0.5 of pixel index 14 (measured: all 70,000)
ROUGH, CLOSE = 400, 200  # longest sides for finding ink: in the whole picture, then near the digit
SMALLEST = 6  # pixels: the least height of a digit
FAINT = 0.2  # weaker ink does not count for the bounding box
THIN, NORMAL = 1.1, 2.2  # stroke widths in a box of 20: thinner strokes are thickened to NORMAL
FULL, THICK = 3.6, 4.0  # thicker strokes are thinned to FULL; MNIST has 1.6 to 3.9 (90 %)
FINE = 5  # times BOX: the least resolution in which the width of strokes is changed

WHITE_ON_BLACK = "White ink on black paper, as in MNIST."

_one_file = threading.Lock()
"""A large file takes 0.2 GB for a second; thirty at once would exhaust the memory."""


@dataclass(frozen=True, eq=False)
class Step:
    """One step of the preprocessing with its result, (H, W) uint8, read-only."""

    name: str
    explanation: str
    image: NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Prepared:
    """One digit: `image`, (28, 28) uint8, ink bright, read-only; and the steps in their order."""

    image: NDArray[np.uint8]
    steps: tuple[Step, ...]


def prepare(source: Source) -> tuple[Prepared, ...]:
    """Convert a picture of one digit or several to images like MNIST's, in reading order.

    source: what `read_grey` takes, dark on light or light on dark. Raises DigitError where it
    cannot be read or shows no ink.
    """
    return _prepare(_read(source), ink.finder, "The picture as brightness alone.")


def prepare_drawing(source: Source) -> tuple[Prepared, ...]:
    """Convert a drawing, white on black, to images like MNIST's, in reading order.

    Raises DigitError where it is blank or cannot be read.
    """
    return _prepare(_read(source), lambda _: ink.DRAWN, WHITE_ON_BLACK)


def _read(source: Source) -> Grey:
    """Return gray levels; a picture smaller than a digit in MNIST is enlarged smoothly."""
    with nullcontext() if isinstance(source, np.ndarray | Image.Image) else _one_file:
        grey = ink.without_blocks(read_grey(source))
    return _at_least(grey, FINE * BOX, 255) if max(grey.shape) < BOX else grey


def _prepare(
    grey: Grey, choose: Callable[[Grey], InkFinder], first_words: str
) -> tuple[Prepared, ...]:
    small = ink.shrink(grey, ROUGH)
    finder = choose(small)
    rough = ink.without_specks(finder.find(small))
    if not rough.any():
        raise DigitError("a picture must show a digit; received a blank one: draw a digit")
    masks = separation.digits(rough)
    first = Step("Gray", first_words, _to_uint8(small / 255))
    found: list[Prepared] = []
    refused: list[DigitError] = []
    for number, mask in enumerate(masks, 1):
        try:
            which = f" This is digit {number} of {len(masks)}." if len(masks) > 1 else ""
            steps = _steps(grey, finder, rough, mask, which)
            found.append(Prepared(steps[-1].image, (first, *steps)))
        except DigitError as error:
            refused.append(error)
    if not found:
        raise refused[0]
    return tuple(found)


def _steps(
    grey: Grey, finder: InkFinder, rough: Grey, mask: NDArray[np.bool], which: str
) -> tuple[Step, ...]:
    """Convert the digit whose ink is `mask` in the rough ink of the whole picture."""
    part, others = _region(grey, rough, mask)
    found = ink.without_specks(np.where(_enlarge(others, part.shape), 0, finder.find(part)))
    if not (found > FAINT).any():
        raise DigitError("a picture must show a digit; received only specks: draw it larger")
    if others.any():
        which += " Other digits and marks are removed."
    crop, words = set_width(found[_box(found)])
    small = to_box(crop)
    stages = (
        ("Ink", f"{finder.words}{which}", found),
        ("Crop", f"Cut to the ink{words}.", crop),
        ("Shrink", f"The longest side becomes {BOX} pixels; the aspect ratio stays.", small),
        ("Center", f"The center of mass moves to the middle of {SIDE}x{SIDE}.", center(small)),
    )
    return tuple(Step(name, explanation, _to_uint8(stage)) for name, explanation, stage in stages)


def set_width(crop: Grey) -> tuple[Grey, str]:
    """Bring strokes that are thinner or thicker than MNIST's to the width of MNIST's.

    crop: ink, (h, w) float32 in [0, 1]. Returns ink of at least 1 x 1, and what was done, as the
    end of a sentence; strokes of a usual width stay as they are.
    """
    fine = _at_least(crop, FINE * BOX)
    scale = BOX / max(fine.shape)
    width = _stroke_width(fine)
    if width * scale < THIN:
        radius = max(1, round((NORMAL / scale - width) / 2))
        thicker = ndimage.grey_dilation(
            np.pad(fine, radius), footprint=_disk(radius), mode="constant"
        )
        full = np.minimum(1.5 * thicker, 1)  # thin lines are weak where they lie between pixels
        return full, "; the strokes were much thinner than MNIST's, so they were thickened"
    if width * scale > THICK:
        radius = max(1, round((width - FULL / scale) / 2))
        thinner = ndimage.grey_erosion(np.pad(fine, 1), footprint=_disk(radius), mode="constant")
        if thinner.max() > 0.5:
            words = "; the strokes were much thicker than MNIST's, so they were thinned"
            return thinner[_box(thinner)], words
    return crop, ""


def _stroke_width(crop: Grey) -> float:
    """Return the mean width of strokes in pixels.

    The mean distance to the edge in a band of width w is (w + 2) / 4.
    """
    mask = np.pad(crop >= 0.5, 1)
    return 4 * float(ndimage.distance_transform_edt(mask)[mask].mean()) - 2


def _disk(radius: int) -> NDArray[np.bool]:
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    return x**2 + y**2 <= radius**2


def _at_least(values: Grey, side: int, most: float = 1) -> Grey:
    """Enlarge to a longest side of `side`; return a larger picture unchanged.

    values: in [0, most].
    """
    scale = side / max(values.shape)
    if scale <= 1:
        return values
    height, width = (max(1, round(length * scale)) for length in values.shape)
    large = Image.fromarray(values).resize((width, height), Image.Resampling.BICUBIC)
    return np.asarray(large).clip(0, most)


def to_box(crop: Grey) -> Grey:
    """Resize to a longest side of 20, antialiased, strongest ink 1; float32 (h, w) in [0, 1]."""
    scale = BOX / max(crop.shape)
    height, width = (max(1, round(side * scale)) for side in crop.shape)
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    small = np.asarray(Image.fromarray(crop).resize((width, height), method)).clip(0, None)
    return small / small.max()


def center(small: Grey) -> Grey:
    """Place a digit in 28x28, center of mass at pixel (14, 14), by whole pixels, uncut.

    small: (h, w) float32 in [0, 1], ink bright, not blank, at most 28x28.
    """
    before = [
        int(np.clip(round(MIDDLE - middle), 0, SIDE - length))
        for middle, length in zip(ndimage.center_of_mass(small), small.shape, strict=True)
    ]
    after = [SIDE - b - length for b, length in zip(before, small.shape, strict=True)]
    return np.pad(small, list(zip(before, after, strict=True)))


def _box(found: Grey) -> tuple[slice, slice]:
    """Return rows and columns of the bounding box of the ink."""
    rows, columns = ndimage.find_objects((found > FAINT).astype(np.int8))[0]
    return rows, columns


def _region(grey: Grey, rough: Grey, mask: NDArray[np.bool]) -> tuple[Grey, NDArray[np.bool]]:
    """Crop `grey`, with a margin, to the digit in its smaller copy `rough`.

    Returns at most CLOSE pixels per side, and the ink beside the digit in the pixels of `rough`.
    """
    scale = max(grey.shape) / max(rough.shape)
    box = _box(np.where(mask, rough, 0))
    length = max(part.stop - part.start for part in box)
    if length * scale < SMALLEST:
        raise DigitError(
            f"a digit must be at least {SMALLEST} pixels high; received a mark of "
            f"{length * scale:.0f}: draw it larger, or take the photo closer"
        )
    margin = round(0.25 * length + 1)
    near = tuple(
        slice(max(0, part.start - margin), min(part.stop + margin, most))
        for part, most in zip(box, rough.shape, strict=True)
    )
    wide = tuple(slice(round(part.start * scale), round(part.stop * scale)) for part in near)
    others = (rough > ink.TRACE) & ~mask
    if others.any():
        others = ndimage.binary_dilation(others) & ~mask
    return ink.shrink(grey[wide], CLOSE), others[near]


def _enlarge(mask: NDArray[np.bool], shape: tuple[int, ...]) -> NDArray[np.bool]:
    if not mask.any():
        return np.zeros(shape, bool)
    height, width = shape
    image = Image.fromarray(mask.astype(np.uint8))
    return np.asarray(image.resize((width, height), Image.Resampling.NEAREST)) > 0


def _to_uint8(stage: NDArray[np.floating]) -> NDArray[np.uint8]:
    image = np.rint(stage * 255).clip(0, 255).astype(np.uint8)
    image.setflags(write=False)
    return image
