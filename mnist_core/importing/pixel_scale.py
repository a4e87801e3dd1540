"""Networks that were trained on pixels from 0 to 255, while the app uses pixels from 0 to 1."""

from collections.abc import Mapping

import numpy as np

from mnist_core.network.spec import Network
from mnist_core.network.summary import summarize

LARGEST = np.float32(255)
IMAGES = 2000
"""Training images on which both scales are compared, so that the test images stay unseen."""
CLEARLY = 0.01
"""The gain in accuracy that one scale must have over the other."""
UNSURE = 1.0
"""A cross-entropy above this shows that the input is too small. A lower one proves nothing: if the
network has memorized these images, larger inputs make it surer, whatever the factor.
"""

_LINEAR = ("", "linear", "relu", "leaky_relu")
_SCALES_ALONG = {"Activation", "AveragePooling2D", "Dropout", "Flatten", "GlobalAveragePooling2D"}
_SCALES_ALONG |= {"GlobalMaxPooling2D", "LeakyReLU", "MaxPooling2D", "PReLU", "SpatialDropout2D"}
_SCALES_ALONG |= {"ZeroPadding2D"}
"""Layers that put out 255 times as much for 255 times the input."""


def for_unit_pixels(
    network: Network, weights: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray] | None:
    """Return weights with which the network answers for pixels / 255 as it did for the pixels.

    The factor goes into the first layer that has weights for its input. None where that is not
    exact, as before a LayerNormalization.
    """
    for row in summarize(network).rows:
        own = [f"{row.name}/{name}" for name in row.keras.weights]
        if row.type in _SCALES_ALONG:
            if row.activation not in _LINEAR:
                return None
            continue
        factors = {"kernel": LARGEST, "depthwise_kernel": LARGEST}
        if row.type == "BatchNormalization":
            factors = {"gamma": LARGEST, "moving_mean": 1 / LARGEST}
        elif row.type == "LayerNormalization" or row.keras.reads:  # a shortcut passes the pixels on
            return None
        changed = {path: factors.get(path.rpartition("/")[2], np.float32(1)) for path in own}
        return {path: values * changed.get(path, 1) for path, values in weights.items()}
    return None


def is_for_255(unit: np.ndarray, full: np.ndarray, labels: np.ndarray) -> bool:
    """Return whether a network reads pixels from 0 to 255 clearly better than from 0 to 1.

    unit, full: its probabilities, (n, 10), for pixels that were divided by 255 and that were not;
    labels: (n,).
    """
    (right, loss), (full_right, full_loss) = (_judge(values, labels) for values in (unit, full))
    if full_right >= right + CLEARLY:
        return True
    return full_right >= right and loss > UNSURE and full_loss < loss / 4


def _judge(probabilities: np.ndarray, labels: np.ndarray) -> tuple[float, float]:
    """Return accuracy and cross-entropy; NaN counts as wrong."""
    own = np.nan_to_num(probabilities[np.arange(len(labels)), labels], nan=0.0)
    right = (probabilities.argmax(1) == labels) & np.isfinite(probabilities).all(1)
    return float(right.mean()), float(-np.log(np.maximum(own, 1e-7)).mean())
