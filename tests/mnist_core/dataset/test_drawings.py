"""A drawing that is kept looks like the one that was drawn."""

import io

import numpy as np
import pytest
from PIL import Image

from mnist_core.dataset.drawings import shrink
from mnist_core.dataset.images import DigitError


def test_each_kept_pixel_is_the_mean_of_those_drawn():
    drawn = np.random.default_rng(0).integers(0, 256, (560, 560), np.uint8)
    file = io.BytesIO()
    Image.fromarray(drawn).convert("RGBA").save(file, "PNG")
    kept = np.asarray(Image.open(io.BytesIO(shrink(file.getvalue()))), float)
    mean = drawn.reshape(140, 4, 140, 4).mean(axis=(1, 3))
    assert np.abs(kept - mean).max() <= 1.5


def test_what_is_no_picture_is_refused():
    with pytest.raises(DigitError, match="draw it again"):
        shrink(b"not a picture")
