"""Finds the ink of a picture: by gray levels in a clean picture, by local contrast in a photo.

Gray levels are (H, W) float32 in [0, 255], ink (H, W) float32 in [0, 1].
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from mnist_core.dataset.images import DigitError

Grey = NDArray[np.float32]

LEAST = 8.0  # gray levels between paper and ink
MOST = 64.0  # the largest difference that noise can require
NOISY = 0.5  # gray levels: a picture with more noise is a photo
SHARP = 0.9  # of the steepest edge; measured: a step 1.7, a thin line 1.0, most soft shadows 0.7
SHADOW = 100.0  # gray levels: a larger difference is no shadow, however soft its edges
LOW, HIGH = 0.25, 0.8  # in a photo, ink below LOW counts as none, ink above HIGH as full
TRACE = 0.02  # ink below it is none
SPECK = 0.04  # of the largest part: a smaller part is no part of a digit
SMALL = 100  # pixels: a picture of this side is no photo
MIDDLE = 0.12  # of all pixels on one level between the darkest and the brightest: not clean
PURE = 0.94  # of a ring of pixels on one side of the middle level


@dataclass(frozen=True, eq=False)
class InkFinder:
    """How to find the ink of a picture and of parts of it. words: a sentence for people.

    `find` raises DigitError if no mark can be told from the paper.
    """

    find: Callable[[Grey], Grey]
    words: str


DRAWN = InkFinder(lambda grey: grey / np.float32(255), "Your strokes are the ink.")
"""The finder of a drawing whose ink is known: white on black."""


def finder(grey: Grey) -> InkFinder:
    """Return how to find the ink of a picture, judged by the whole picture."""
    clean = _levels(grey)
    if clean is not None:
        paper, ink = clean
        words = "dark on light" if ink < paper else "light on dark"
        return InkFinder(
            lambda part: _by_level(part, paper, ink),
            f"Read as {words}: the background has one even level.",
        )
    dark = is_dark_on_light(grey)
    words = "dark on light" if dark else "light on dark"
    return InkFinder(
        lambda part: find_ink(part, dark),
        f"Read as {words}; paper, shadows and noise are removed.",
    )


def _levels(grey: Grey) -> tuple[float, float] | None:
    """Return the gray levels of paper and ink of a clean picture, None for a photo.

    A clean picture has no noise, and few pixels on each level between the darkest and the
    brightest.
    """
    low, high = float(grey.min()), float(grey.max())
    if high - low < LEAST:
        return None
    if max(grey.shape) > SMALL:
        if _roughness(grey) > 1:
            return None
        counts = np.histogram((grey - low) / (high - low), 16, (0, 1))[0] / grey.size
        if counts[2:-2].max() > MIDDLE:
            return None
    light = grey >= (low + high) / 2
    if _is_paper_light(light, _blurred((grey - low) / (high - low))):
        return _commonest(grey[light]), low
    return _commonest(grey[~light]), high


def _roughness(grey: Grey) -> float:
    """Return the median of the second differences, which are 0 in flat areas and on slopes."""
    return float(np.median(np.abs(np.diff(grey, 2, axis=int(grey.shape[1] > grey.shape[0])))))


def _commonest(levels: NDArray[np.float32]) -> float:
    return float(np.bincount(np.rint(levels).astype(np.int64)).argmax())


def _blurred(share: Grey) -> float:
    """Return the excess of bright over dark pixels if most pixels are neither, else 0.

    A small picture that was enlarged has paper of one level, and ink of many levels.
    """
    bright, dark = float((share > 0.9).mean()), float((share < 0.1).mean())
    is_narrow = max(share.shape) > 2 * min(share.shape)
    return 0.0 if is_narrow or bright + dark > 0.65 else bright - dark


def _is_paper_light(light: NDArray[np.bool], blurred: float) -> bool:
    """Return whether the paper of a picture of two levels is the light one.

    Most rings of pixels near the frame show paper, since lines along the frame cover only a few of
    them. Where a digit touches the frame, paper is what lies in more parts: a digit is one piece.
    """
    depths = {round(min(light.shape) * share / 100) for share in range(10)}
    shares = [float(_ring(light, depth).mean()) for depth in depths]
    votes = sum((share > PURE) - (share < 1 - PURE) for share in shares)
    if votes:
        return votes > 0
    if blurred:
        return blurred > 0
    parts = [_count_parts(mask) for mask in (light, ~light)]
    if parts[0] != parts[1]:
        return parts[0] > parts[1]
    return bool(_ring(light, 0).mean() + light.mean() > 1)


def _ring(mask: NDArray[np.bool], depth: int) -> NDArray[np.bool]:
    """Return the pixels at this distance from the frame."""
    inner = mask[depth : mask.shape[0] - depth, depth : mask.shape[1] - depth]
    return np.concatenate((inner[0], inner[-1], inner[:, 0], inner[:, -1]))


def _count_parts(mask: NDArray[np.bool]) -> int:
    """Return the number of connected parts, specks left out."""
    labels = ndimage.label(mask, np.ones((3, 3)))[0]
    return int((np.bincount(labels.ravel())[1:] > 0.003 * mask.size).sum())


def _by_level(grey: Grey, paper: float, ink: float) -> Grey:
    share = np.clip((grey - paper) / (ink - paper), 0, 1)
    return np.where(share > 2 * TRACE, share, 0).astype(np.float32)


def is_dark_on_light(grey: Grey) -> bool:
    """Return whether ink is darker than paper, by the sign of deviations from a local median.

    Parts at the frame count less, since they are often shadows. In a photo light ink must win
    clearly, since highlights are more common than chalk.
    """
    small = shrink(grey, 48)
    window = int(0.3 * max(small.shape)) | 1
    deviation = small - ndimage.median_filter(small, window, mode="nearest")
    spread = _robust_deviation(deviation)
    masks = (sign * deviation > 3 * spread + 0.01 for sign in (1, -1))
    light, dark = (parts(mask, deviation**2, at_frame=0.1)[1].sum() for mask in masks)
    return bool(dark >= light / (4 if spread > 0 else 1))


def find_ink(grey: Grey, dark: bool) -> Grey:
    """Return the ink of a photo, without shadows and noise. dark: whether it is darker than paper.

    Raises DigitError if nothing stands out from the noise, or only marks with soft edges: light and
    shadow, not ink.
    """
    ink = missing_light(grey if dark else 255 - grey)
    paper = ink[ink <= ink.max() / 2]
    ink = ink - np.median(paper)
    noise, top = _robust_deviation(paper), float(ink.max())
    needed = min(max(LEAST, 7 * noise), MOST)
    scale = max(1, max(ink.shape) / 100)
    steepest = 5 * scale * ndimage.gaussian_gradient_magnitude(ink, scale).max()
    if top < needed or (noise > NOISY and top < SHADOW and steepest < SHARP * top):
        what = f"differs by {top:.0f}" if top < needed else "has soft edges, like a shadow's"
        raise DigitError(
            f"ink must differ from its paper by {needed:.0f} of 255 gray levels and have sharp "
            f"edges; received a picture whose strongest mark {what}: draw a digit, or take a "
            "closer, sharper, brighter photo"
        )
    low, high = 0.0, top  # a clean drawing keeps its gray levels
    if noise > NOISY:
        full = float(np.percentile(ink[ink > top / 2], 75))
        low, high = max(3 * noise, LOW * full), HIGH * full
    return np.clip((ink - low) / max(high - low, 1), 0, 1)


def missing_light(light: Grey) -> Grey:
    """Return how much darker each pixel is than the paper around it: 0 as bright, 255 black.

    light: ink dark. The paper is estimated by a morphological closing, which fills strokes narrower
    than half of the picture and keeps the edges of shadows.
    """
    size = max(light.shape)
    if np.median(np.abs(np.ediff1d(light, to_begin=0))) > 0:  # noise: a photo
        light = ndimage.gaussian_filter(light, size / 250)
    window = max(3, size // 2 | 1)
    paper = np.pad(light, window, mode="edge")  # or shadows that reach the frame would be ink
    paper = ndimage.minimum_filter(ndimage.maximum_filter(paper, window), window)
    paper = paper[window:-window, window:-window]
    ink = 255 * (paper - light) / np.maximum(paper, 20)
    return ink.astype(np.float32, copy=False)


def without_specks(ink: Grey) -> Grey:
    """Return the ink without small parts and without those that are weak all over."""
    labels, mass = parts(ink > TRACE, ink)
    strong = np.zeros(mass.size, bool)
    strong[labels[ink >= 0.5]] = True
    mass[~strong] = 0
    return np.where((mass > SPECK * mass.max())[labels], ink, 0).astype(np.float32)


def parts(
    mask: NDArray[np.bool], weight: Grey, at_frame: float = 1.0
) -> tuple[NDArray[np.integer], NDArray[np.floating]]:
    """Label the connected parts of a mask and sum the weights of each.

    Returns labels (H, W), from 1, and sums (parts + 1,). The sums of parts that touch the frame are
    multiplied by `at_frame`.
    """
    labels, count = ndimage.label(mask, np.ones((3, 3)))
    mass = ndimage.sum_labels(weight, labels, np.arange(count + 1))
    frame = np.concatenate((labels[0], labels[-1], labels[:, 0], labels[:, -1]))
    mass[np.unique(frame)] *= at_frame
    mass[0] = 0  # number 0 is what lies outside the mask
    return labels, mass


def without_blocks(grey: Grey) -> Grey:
    """Return a picture in its original resolution if it was enlarged by repeating pixels.

    Other pictures are returned unchanged.
    """
    edges = [
        np.flatnonzero(np.abs(np.diff(grey, axis=axis)).max(1 - axis, initial=0)) + 1
        for axis in (0, 1)
    ]
    gaps = np.diff(max(edges, key=len))  # along one axis, a digit may change at few places
    if len(gaps) < 4 or gaps.min() < 3:
        return grey
    side = float(gaps[gaps < 1.5 * gaps.min()].mean())
    places: list[NDArray[np.int64]] = []
    for length, changes in zip(grey.shape, edges, strict=True):
        own = length / max(1, round(length / side))
        if np.any(np.abs(changes / own - np.rint(changes / own)) * own > 1):
            return grey
        places.append(((np.arange(round(length / own)) + 0.5) * own).astype(int))
    return grey[np.ix_(*places)]


def shrink(grey: Grey, side: int) -> Grey:
    """Reduce to a longest side of `side`; return a smaller picture unchanged."""
    scale = side / max(grey.shape)
    if scale >= 1:
        return grey
    height, width = (max(1, round(length * scale)) for length in grey.shape)
    return np.asarray(Image.fromarray(grey).resize((width, height), Image.Resampling.BOX))


def _robust_deviation(values: Grey) -> float:
    """Return a standard deviation that ignores outliers: 1.4826 x median absolute deviation."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values))))
