"""Pictures of the page Draw."""

import numpy as np
from PIL import Image

SIDE = 320  # pixels of the square, twice what is shown, for dense screens
GREY = 128


def framed(image: np.ndarray) -> np.ndarray:
    """Return a picture of any shape centered on a gray square, so that its edges are visible.

    image: (H, W) uint8 -> (SIDE, SIDE) uint8. Small pictures are enlarged pixel by pixel.
    """
    scale = SIDE / max(image.shape)
    height, width = (max(1, round(side * scale)) for side in image.shape)
    method = Image.Resampling.NEAREST if scale > 1 else Image.Resampling.BOX
    resized = np.asarray(Image.fromarray(image).resize((width, height), method))
    square = np.full((SIDE, SIDE), GREY, np.uint8)
    top, left = (SIDE - height) // 2, (SIDE - width) // 2
    square[top : top + height, left : left + width] = resized
    return square
