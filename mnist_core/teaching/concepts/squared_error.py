"""The slopes of cross-entropy and of squared error over the logit of the right digit.

z is its lead: its logit minus `softmax.combined_logit` of the others, so p = sigmoid(z).
"""

import numpy as np
from scipy.special import expit


def cross_entropy_slope(z: np.ndarray) -> np.ndarray:
    """Return the derivative of -ln p with respect to z, p - 1: in (-1, 0). z: any shape."""
    return -expit(-z)


def squared_error_slope(z: np.ndarray) -> np.ndarray:
    """Return the derivative of (1 - p)^2 with respect to z, -2 p (1 - p)^2. z: any shape."""
    return -2 * expit(z) * expit(-z) ** 2
