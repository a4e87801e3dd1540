"""What a page may ask about images, answered within a second or so. Imports TensorFlow."""

from collections.abc import Callable
from typing import Any

import numpy as np

from mnist_core.insight import saliency
from mnist_core.insight.feature_maps import FeatureExtractor, pixels


def outputs(opened: FeatureExtractor, images: np.ndarray) -> dict[str, np.ndarray]:
    """What every layer makes of the first image, without the batch axis: float32 by layer name."""
    return {name: made.numpy()[0] for name, made in opened.outputs(pixels(images[:1])).items()}


QUESTIONS: dict[str, Callable[[FeatureExtractor, np.ndarray], Any]] = {
    "outputs": outputs,
    "features": FeatureExtractor.features,
    "grad_cam": saliency.grad_cam,
    "integrated_gradients": saliency.integrated_gradients,
    "occlusion": saliency.occlusion,
    "gradient": saliency.gradient,
}
"""Each takes images, uint8 (n, 28, 28), ink bright."""
