"""How gradients shrink on their way through many layers with an activation."""

import numpy as np


def gradient_after_layers(slope: float, depth: int) -> np.ndarray:
    """What is left of a gradient after 1, 2 ... `depth` layers of one slope: (depth,) float64."""
    return slope ** np.arange(1.0, depth + 1)
