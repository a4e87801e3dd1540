"""The outputs of every layer against Keras."""

import numpy as np
import pytest

from mnist_core.insight.feature_maps import pixels
from mnist_core.insight.questions import QUESTIONS
from mnist_core.network.notation import parse
from mnist_core.network.summary import summarize
from tests.mnist_core.insight.extractors import SMOOTH, lens_with, softmax, some_image


@pytest.mark.parametrize("notation", ["C8 M C16 M F D64 Drop0.2", SMOOTH, "F"])
def test_a_lens_shows_what_keras_makes(notation):
    opened = lens_with(notation)
    seen = QUESTIONS["outputs"](opened, some_image())
    assert list(seen) == [row.name for row in summarize(parse(notation)).rows]
    logits = opened.logits(pixels(some_image())).numpy()[0]
    expected = opened.model(pixels(some_image()), training=False).numpy()[0]
    assert np.allclose(seen["output"], expected, atol=1e-6)
    assert np.allclose(softmax(logits), expected, atol=1e-6)
