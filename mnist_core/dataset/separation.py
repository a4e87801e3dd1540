"""Separates the ink of a picture into digits, and leaves out ruled lines."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from mnist_core.dataset.images import DigitError
from mnist_core.dataset.ink import TRACE

Mask = NDArray[np.bool]
Box = tuple[slice, slice]

MOST, MOST_PARTS = 12, 200  # digits in a picture, and their strokes
STRAIGHT = 0.9  # of a part in long straight runs: it is made of lines
THIN = 0.02  # of the picture: the most distance from the middle of a line to its edge
FINER = 0.6  # of the thickest part's width
LONG = 0.5  # of the picture: the least length of a line that is left out
TALL = 0.4  # of the tallest part: the least height of a digit beside another one
SHARED = 0.25  # of the shorter part's rows: parts that share more stand side by side
ORDERED = 0.9  # of the rows that two parts share: one is left of the other in as many
APART = 0.2  # of the longer part: a larger gap from top to bottom separates digits


def digits(ink: NDArray[np.float32]) -> list[Mask]:
    """Return the ink of each digit, row by row from left to right, without ruled lines.

    ink: (H, W) in [0, 1], not blank. Returns masks (H, W), at least one. Raises DigitError on more
    than MOST.
    """
    labels, count = ndimage.label(ink > TRACE, np.ones((3, 3)))
    if count > MOST_PARTS:
        raise _too_many(count)
    boxes: list[Box] = [(box[0], box[1]) for box in ndimage.find_objects(labels)]
    pieces = [labels[box] == number for number, box in enumerate(boxes, 1)]
    kept = _without_lines(boxes, pieces, labels.shape) if count > 1 else [0]
    groups = _groups(boxes, pieces, kept)
    if len(groups) > MOST:
        raise _too_many(len(groups))
    return [np.isin(labels, np.array(group) + 1) for group in groups]


def _too_many(marks: int) -> DigitError:
    return DigitError(
        f"a picture may show at most {MOST} digits; received one with {marks:,} marks: crop it to "
        "the digits"
    )


def _length(box: Box) -> int:
    return max(part.stop - part.start for part in box)


def _without_lines(boxes: list[Box], pieces: list[Mask], shape: tuple[int, ...]) -> list[int]:
    """Return the numbers of the parts that are not ruled lines.

    A part of long straight lines that spans half of the picture is left out if it touches the
    frame, encloses another part or is thinner than the pen, provided that other parts remain: a 1
    in a box is the part inside the frame.
    """
    side = max(shape)
    widths = [_thickness(piece) for piece in pieces]
    lines = [
        number
        for number, (box, piece) in enumerate(zip(boxes, pieces, strict=True))
        if _length(box) > LONG * min(shape)
        and widths[number] <= THIN * min(shape) + 1
        and (
            widths[number] < FINER * max(widths)
            or _touches_frame(box, shape)
            or any(_encloses(box, other) for other in boxes if other is not box)
        )
        and is_ruled(piece)
    ]
    others = [number for number in range(len(boxes)) if number not in lines]
    if others and max(_length(boxes[number]) for number in others) > 0.15 * side:
        return others
    inner = [number for number in lines if not _touches_frame(boxes[number], shape)]
    return [max(inner or lines, key=widths.__getitem__)] if lines else others


def _encloses(box: Box, other: Box) -> bool:
    return all(a.start <= b.start and b.stop <= a.stop for a, b in zip(box, other, strict=True))


def _touches_frame(box: Box, shape: tuple[int, ...]) -> bool:
    return any(
        part.start <= 1 or part.stop >= length - 1 for part, length in zip(box, shape, strict=True)
    )


def _thickness(piece: Mask) -> float:
    return float(ndimage.distance_transform_edt(np.pad(piece, 1)).max())


def is_ruled(piece: Mask) -> bool:
    """Return whether a part consists of long horizontal and vertical lines alone."""
    length = max(5, int(0.3 * max(piece.shape)))
    thick = ndimage.binary_dilation(np.pad(piece, 2))  # so that a line may be slightly tilted
    runs = np.zeros_like(thick)
    for shape in ((1, length), (length, 1)):
        runs |= ndimage.binary_opening(thick, np.ones(shape, bool))
    return bool((runs & np.pad(piece, 2)).sum() > STRAIGHT * piece.sum())


def _groups(boxes: list[Box], pieces: list[Mask], kept: list[int]) -> list[list[int]]:
    """Return the parts of each digit: large parts that stand apart, and small ones beside them."""
    heights = {number: boxes[number][0].stop - boxes[number][0].start for number in kept}
    large = [number for number in kept if heights[number] >= TALL * max(heights.values())]
    groups: list[list[int]] = []
    for number in large:
        own = [
            group
            for group in groups
            if not all(are_apart(boxes[o], pieces[o], boxes[number], pieces[number]) for o in group)
        ]
        groups = [group for group in groups if group not in own]
        groups.append([number, *(other for group in own for other in group)])
    for number in kept:
        if number not in large:
            nearest = min(groups, key=lambda g: min(_gap(boxes[o], boxes[number]) for o in g))
            nearest.append(number)
    return _reading_order(boxes, groups)


def are_apart(box: Box, piece: Mask, other_box: Box, other: Mask) -> bool:
    """Return whether two large parts are two digits, and not two strokes of one."""
    rows, other_rows = box[0], other_box[0]
    top, bottom = max(rows.start, other_rows.start), min(rows.stop, other_rows.stop)
    heights = rows.stop - rows.start, other_rows.stop - other_rows.start
    if bottom - top <= SHARED * min(heights):
        return top - bottom > APART * max(heights)  # one above the other
    left, right = _ends(box, piece, top, bottom)
    other_left, other_right = _ends(other_box, other, top, bottom)
    both = np.isfinite(left) & np.isfinite(other_left)
    before, after = (right < other_left)[both], (other_right < left)[both]
    return max(before.sum(), after.sum()) >= ORDERED * both.sum()


def _ends(
    box: Box, piece: Mask, top: int, bottom: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the first and the last column of a part in some rows, NaN where it has no ink."""
    rows, columns = box
    band = piece[top - rows.start : bottom - rows.start]
    empty = ~band.any(1)
    left = np.where(empty, np.nan, columns.start + band.argmax(1))
    return left, np.where(empty, np.nan, columns.stop - 1 - band[:, ::-1].argmax(1))


def _gap(box: Box, other: Box) -> float:
    """Return the distance between two boxes."""
    gaps = (max(a.start - b.stop, b.start - a.stop, 0) for a, b in zip(box, other, strict=True))
    return float(np.hypot(*gaps))


def _reading_order(boxes: list[Box], groups: list[list[int]]) -> list[list[int]]:
    """Return groups row by row, and from left to right within a row."""
    spans = {
        id(group): (
            min(boxes[n][0].start for n in group),
            max(boxes[n][0].stop for n in group),
            min(boxes[n][1].start for n in group),
        )
        for group in groups
    }
    rows: list[list[list[int]]] = []
    for group in sorted(groups, key=lambda g: spans[id(g)][0]):
        top, bottom, _ = spans[id(group)]
        if rows and (top + bottom) / 2 < max(spans[id(other)][1] for other in rows[-1][:1]):
            rows[-1].append(group)
        else:
            rows.append([group])
    return [group for row in rows for group in sorted(row, key=lambda g: spans[id(g)][2])]
