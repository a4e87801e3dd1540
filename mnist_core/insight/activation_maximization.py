"""A picture that strongly activates one unit, found by gradient ascent. Imports TensorFlow."""

import numpy as np
import tensorflow as tf

from mnist_core.insight.feature_maps import FeatureExtractor, pixels
from mnist_core.network.layers import IMAGE_SHAPE
from mnist_core.network.summary import summarize

STEPS = 40
RATE = 0.5  # the first step moves the pixel with the largest gradient by this share of the range


def maximize(
    extractor: FeatureExtractor,
    images: np.ndarray,
    layer: str,
    unit: tuple[int, int, int],
) -> dict[str, np.ndarray]:
    """Return a picture that activates a unit more than the first image does, and how much.

    images: uint8 (n, 28, 28), ink bright; layer: its name in `network.summary`; unit: row, column
    and map. "picture": uint8 (28, 28), black outside the unit's receptive field; "activation":
    float32, of this picture. Where no step raises the activation, it is the image's own.
    Source: Erhan, Bengio, Courville and Vincent 2009, "Visualizing higher-layer features of a deep
    network"; here the ascent starts from an image and stays in the range of pixels.
    """
    within = np.zeros((1, *IMAGE_SHAPE), np.float32)
    spans = next(row.spans for row in summarize(extractor.network).rows if row.name == layer)
    rows, columns = spans[unit[0]], spans[unit[1]]
    within[:, rows.first : rows.last + 1, columns.first : columns.last + 1] = 1
    index = tf.constant(unit)
    best, picture, current = -np.inf, pixels(images[:1]) * within, pixels(images[:1]) * within
    for step in range(STEPS + 1):
        activation, slope = extractor.unit_slope(current, layer, index)
        if activation.numpy() > best:
            best, picture = activation.numpy(), current
        gradient = slope.numpy() * within
        if not gradient.any():
            break
        rate = RATE * (1 - step / STEPS) / np.abs(gradient).max()
        current = tf.clip_by_value(current + rate * gradient, 0, 1)
    shown = np.rint(picture.numpy()[0, ..., 0] * 255).astype(np.uint8)
    activation, _ = extractor.unit_slope(pixels(shown[None]), layer, index)
    return {"picture": shown, "activation": activation.numpy()}
