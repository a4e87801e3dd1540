"""Networks with known weights, and an image, for the tests of what they show."""

import numpy as np

from mnist_core.insight.feature_maps import FeatureExtractor
from mnist_core.network.notation import parse
from mnist_core.training.model import build, weights_of

SMOOTH = "C4k5sametanh A C6bntanh A C5gelu Drop0.5 GAP D12sigmoid"  # has a slope everywhere


def first_weights(notation: str) -> dict[str, np.ndarray]:
    return weights_of(build(parse(notation), seed=3))


def lens_with(notation: str, **weights: np.ndarray) -> FeatureExtractor:
    """A network with first weights but for the given ones, / written as __."""
    given = {name.replace("__", "/"): value for name, value in weights.items()}
    return FeatureExtractor(parse(notation), first_weights(notation) | given)


def some_image(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (1, 28, 28), np.uint8)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits.astype(float) - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
