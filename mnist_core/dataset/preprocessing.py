"""A drawing or a photo of one handwritten digit -> one MNIST-like image, step by step.

The last steps are those of LeCun et al. 1998, section III-A: the digit fits a box of 20 pixels,
aspect kept, edges antialiased, and its centre of mass goes to the middle of 28x28.
"""

import threading
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy import ndimage

from mnist_core.dataset.images import DigitError, Source, read_image, to_grey

SIDE = 28
BOX = 20  # the digit's longest side
MIDDLE = 14  # in MNIST every centre of mass is within 0.5 of pixel index 14 (measured: all 70,000)
ROUGH, CLOSE = 400, 200  # longest sides for finding ink: in the whole picture, then round the digit
NOISY = 0.5  # grey levels: more is a photo, less a clean drawing
SHARP = 0.9  # measured of the steepest edge: a step 1.7, a thin line 1.0, soft shadows mostly 0.7
LOW, HIGH = 0.25, 0.8  # in a photo, ink weaker than LOW counts as none, stronger than HIGH as full
SMALLEST = 6  # pixels: less cannot show a digit
FAINT = 0.2  # ink weaker than this does not widen the digit's box
THIN, NORMAL = 1.1, 2.0  # stroke widths in a box of 20; MNIST's median is 2.3

_one_file = threading.Lock()  # a large one takes 0.2 GB for a second: thirty at once would end us


@dataclass(frozen=True, eq=False)
class Step:
    """One stage on the way. `image`: (H, W) uint8, read-only."""

    name: str
    explanation: str
    image: np.ndarray


@dataclass(frozen=True, eq=False)
class Prepared:
    """`image`: (28, 28) uint8, ink bright, read-only. `steps`: how it came about, in order."""

    image: np.ndarray
    steps: tuple[Step, ...]


def prepare(source: Source) -> Prepared:
    """Turn a picture of one digit, dark on light or light on dark, into an image like MNIST's.

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
        ("Centre", f"The centre of mass moves to the middle of {SIDE}x{SIDE}.", center(small)),
    )
    steps = tuple(Step(name, explanation, _to_uint8(stage)) for name, explanation, stage in stages)
    return Prepared(steps[-1].image, steps)


def is_dark_on_light(grey: np.ndarray) -> bool:
    """Tell whether ink is darker than paper: the sign of what departs from a local median.

    Parts at the frame, often shadows, count less; and in a photo light ink must prevail clearly,
    since highlights are more common than chalk.
    """
    small = _shrink(grey, 48)
    window = int(0.3 * max(small.shape)) | 1
    departure = small - ndimage.median_filter(small, window, mode="nearest")
    spread = _spread(departure)
    masks = (sign * departure > 3 * spread + 0.01 for sign in (1, -1))
    light, dark = (_parts(mask, departure**2, at_frame=0.1)[1].sum() for mask in masks)
    return bool(dark >= light / (4 if spread > 0 else 1))


def find_ink(grey: np.ndarray, dark: bool) -> np.ndarray:
    """Ink in each pixel, (H, W) float32 in [0, 1], without paper, shadows, noise and specks.

    grey: (H, W) float32 in [0, 255]. Raises DigitError where nothing stands out from the noise, or
    only what has soft edges all round, as light has and ink has not.
    """
    ink = missing_light(grey if dark else 255 - grey)
    noise, top = _spread(ink), float(ink.max())
    needed = max(8.0, 7 * noise)
    scale = max(1, max(ink.shape) / 100)
    steepest = 5 * scale * ndimage.gaussian_gradient_magnitude(ink, scale).max()
    if top < needed or (noise > NOISY and steepest < SHARP * top):
        raise DigitError(
            f"ink must differ from its paper by {needed:.0f} of 255 grey levels and have sharp "
            f"edges; received a picture whose strongest mark differs by {top:.0f}: draw a digit, "
            "or photograph it closer, sharper and in more light"
        )
    low, high = 0.0, top  # a clean drawing keeps its greys
    if noise > NOISY:
        full = float(np.percentile(ink[ink > top / 2], 75))
        low, high = max(3 * noise, LOW * full), HIGH * full
    share = np.clip((ink - low) / max(high - low, 1), 0, 1)
    labels, mass = _parts(share > 0.02, share)
    mass[ndimage.maximum(share, labels, np.arange(mass.size)) < 0.5] = 0
    keep = mass > 0.04 * mass.max()
    return np.where(keep[labels], share, 0).astype(np.float32)


def missing_light(light: np.ndarray) -> np.ndarray:
    """What is darker than the paper round it, as a share of the paper's own light; mostly 0.

    light: (H, W) float32 in [0, 255], ink dark; the result is in 255ths. The paper is the closing,
    which fills strokes narrower than a quarter of the picture and keeps the edges of shadows.
    """
    size = max(light.shape)
    if np.median(np.abs(np.ediff1d(light, to_begin=0))) > 0:  # noise: a photo
        light = ndimage.gaussian_filter(light, size / 250)
    window = max(3, size // 4 | 1)
    paper = np.pad(light, window, mode="edge")  # or shadows that reach the frame would be ink
    paper = ndimage.minimum_filter(ndimage.maximum_filter(paper, window), window)
    paper = paper[window:-window, window:-window]
    ink = 255 * (paper - light) / np.maximum(paper, 20)
    return ink - np.median(ink)


def thicken(crop: np.ndarray) -> np.ndarray:
    """Widen a thin pen's strokes to NORMAL; leave others as they are. float32 (h, w) in [0, 1]."""
    scale = BOX / max(crop.shape)
    mask = np.pad(crop >= 0.5, 1)
    width = 4 * ndimage.distance_transform_edt(mask)[mask].mean() - 2  # a band's depth: (w + 2) / 4
    if width * scale >= THIN:
        return crop
    radius = max(1, round((NORMAL / scale - width) / 2))
    y, x = np.ogrid[-radius : radius + 1, -radius : radius + 1]
    disk = x**2 + y**2 <= radius**2
    return ndimage.grey_dilation(np.pad(crop, radius), footprint=disk, mode="constant")


def to_box(crop: np.ndarray) -> np.ndarray:
    """Resize to a longest side of 20, antialiased, strongest ink 1; float32 (h, w) in [0, 1]."""
    scale = BOX / max(crop.shape)
    height, width = (max(1, round(side * scale)) for side in crop.shape)
    method = Image.Resampling.BOX if scale < 1 else Image.Resampling.BICUBIC
    small = np.asarray(Image.fromarray(crop).resize((width, height), method)).clip(0, None)
    return small / small.max()


def center(small: np.ndarray) -> np.ndarray:
    """Place a digit in 28x28, centre of mass at pixel (14, 14), by whole pixels, never cutting it.

    small: (h, w) float32 in [0, 1], ink bright, not blank, at most 28x28.
    """
    before = [
        int(np.clip(round(MIDDLE - middle), 0, SIDE - length))
        for middle, length in zip(ndimage.center_of_mass(small), small.shape, strict=True)
    ]
    after = [SIDE - b - length for b, length in zip(before, small.shape, strict=True)]
    return np.pad(small, list(zip(before, after, strict=True)))


def _spread(values: np.ndarray) -> float:
    """The majority's standard deviation: 1.4826 times the median absolute deviation."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))


def _shrink(grey: np.ndarray, side: int) -> np.ndarray:
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BOX))


def _parts(
    mask: np.ndarray, weight: np.ndarray, at_frame: float = 1.0
) -> tuple[np.ndarray, np.ndarray]:
    """Number the connected parts and weigh each; those at the frame count `at_frame` times."""
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    mass = ndimage.sum_labels(weight, labels, np.arange(count + 1))
    mass[np.unique(np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1])))] *= (
        at_frame
    )
    mass[0] = 0  # number 0 is what lies outside the mask
    return labels, mass


def _box(ink: np.ndarray) -> tuple[slice, slice]:
    return ndimage.find_objects((ink > FAINT).astype(np.int8))[0]


def _region(grey: np.ndarray, rough: np.ndarray) -> np.ndarray:
    """Cut from `grey`, with a margin, the ink that was found in its smaller copy `rough`."""
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


def _to_uint8(stage: np.ndarray) -> np.ndarray:
    image = np.rint(stage * 255).clip(0, 255).astype(np.uint8)
    image.setflags(write=False)
    return image
