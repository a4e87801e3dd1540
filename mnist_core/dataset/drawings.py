"""Drawings from the sheet, small enough to keep."""

import io

from PIL import Image

from mnist_core.dataset.images import DigitError

KEPT_SIDE = 140
"""Pixels of a drawing that is kept."""


def shrink(drawing: bytes) -> bytes:
    """Return a drawing as a gray PNG of KEPT_SIDE x KEPT_SIDE pixels, a few kB.

    drawing: a square picture, as the browser sends it. Raises DigitError if it is no picture.
    """
    try:
        with Image.open(io.BytesIO(drawing)) as picture:
            small = picture.convert("L").resize((KEPT_SIDE, KEPT_SIDE), Image.Resampling.BOX)
    except (OSError, ValueError, Image.DecompressionBombError):
        raise DigitError("the drawing could not be read: draw it again") from None
    file = io.BytesIO()
    small.save(file, "PNG", optimize=True)
    return file.getvalue()
