"""Quick analyses of images that a page may request by name. Imports TensorFlow."""

from collections.abc import Callable

import numpy as np

from mnist_core.insight import activation_maximization, saliency, top_patches
from mnist_core.insight.feature_maps import FeatureExtractor, pixels

Answer = np.ndarray | dict[str, np.ndarray]


def outputs(extractor: FeatureExtractor, images: np.ndarray) -> dict[str, np.ndarray]:
    """Return every layer's output for the first image: float32, by layer name, no batch axis."""
    made = extractor.outputs(pixels(images[:1]))
    return {name: output.numpy()[0] for name, output in made.items()}


QUESTIONS: dict[str, Callable[..., Answer]] = {
    "outputs": outputs,
    "features": FeatureExtractor.features,
    "grad_cam": saliency.grad_cam,
    "integrated_gradients": saliency.integrated_gradients,
    "occlusion": saliency.occlusion,
    "gradient": saliency.gradient,
    "top_patches": top_patches.find,
    "activation_maximization": activation_maximization.maximize,
}
"""Each takes a `FeatureExtractor`, images, uint8 (n, 28, 28), ink bright, and possibly further
arguments; it answers within a few seconds."""
