"""Temperature scaling: calibrated probabilities, same predictions."""

from math import exp, log

import numpy as np
from scipy.special import softmax

from mnist_core.evaluation.report import Report

LOWEST, HIGHEST = 0.05, 20.0
"""Bounds of the search for the best temperature."""


def scale(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return softmax(logits / temperature) for the softmax that gave these probabilities.

    probabilities: (n, 10), rows sum to 1; a probability of 0 counts as the smallest float32.
    Returns float32 (n, 10). Logits are log-probabilities but for a constant in each row.
    """
    logits = np.log(np.maximum(probabilities, np.finfo(np.float32).tiny).astype(np.float64))
    return softmax(logits / temperature, axis=1).astype(np.float32)


def best_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature with the lowest cross-entropy: 1 if the network is calibrated.

    probabilities: (n, 10), of images that were not used for training; labels: (n,). Above 1 the
    network was too sure, below 1 not sure enough.
    Source: Guo et al. 2017, "On Calibration of Modern Neural Networks", section 4.2.
    """
    from scipy.optimize import minimize_scalar  # here, because the import takes half a second

    def loss(logarithm: float) -> float:
        return Report(scale(probabilities, exp(logarithm)), labels).loss

    bounds = (log(LOWEST), log(HIGHEST))
    return exp(minimize_scalar(loss, bounds=bounds, method="bounded", options={"xatol": 1e-4}).x)
