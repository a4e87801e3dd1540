"""Softmax, cross-entropy and labels on a handful of numbers."""

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, logsumexp, xlogy

from mnist_core.network.layers import CLASSES

Float = np.float32 | np.float64


@dataclass(frozen=True, eq=False)
class SoftmaxResult:
    """Softmax computed in one way. exponentials, probabilities: (n,) of one float type."""

    exponentials: np.ndarray
    probabilities: np.ndarray

    @property
    def total(self) -> float:
        """The sum of the exponentials in their own float type: inf where that overflows."""
        with np.errstate(over="ignore"):
            return float(self.exponentials.sum())

    @property
    def failed(self) -> str:
        """The numerical failure in a few words; empty if the probabilities are usable."""
        if np.isinf(self.exponentials).any():
            return "Overflow: inf / inf is nan"
        if np.isinf(self.total):
            return "Overflow of the sum: anything / inf is 0"
        if self.total == 0:
            return "Underflow: 0 / 0 is nan"
        return ""


def compute_softmax(logits: np.ndarray, dtype: type[Float], stable: bool) -> SoftmaxResult:
    """Compute softmax in one float type, with overflow and underflow as they come.

    logits: (n,); stable: whether the largest is subtracted first, as Keras does.
    """
    with np.errstate(all="ignore"):
        values = np.asarray(logits).astype(dtype)
        exponentials = np.exp(values - values.max() if stable else values)
        return SoftmaxResult(exponentials, exponentials / exponentials.sum())


def largest_exponent(dtype: type[Float]) -> float:
    """The largest x whose exp(x) is still finite: 88.72 in float32, 709.78 in float64."""
    return float(np.log(np.float64(np.finfo(dtype).max)))


@dataclass(frozen=True, eq=False)
class Curve:
    """A function drawn: y over x, both (m,) float64."""

    x: np.ndarray
    y: np.ndarray


def of_one_logit(logits: np.ndarray, at: int, temperature: float = 1.0) -> Curve:
    """The probability of class `at` while its logit moves and the others stay.

    It is the sigmoid of (z - r) / T, where the rest weighs r = T ln(sum of exp(z_j / T)), j not
    `at`: with two classes r is the other logit. logits: (n,), n >= 2.
    """
    rest = combined_logit(logits, at, temperature)
    reach = max(6 * temperature, 1.15 * abs(float(logits[at]) - rest))
    x = np.linspace(rest - reach, rest + reach, 201)
    return Curve(x, expit((x - rest) / temperature))


def combined_logit(logits: np.ndarray, at: int, temperature: float = 1.0) -> float:
    """T ln(sum of exp(z_j / T)) over all j but `at`: what the other classes weigh together."""
    return temperature * float(logsumexp(np.delete(logits, at) / temperature))


def one_hot(label: int, smoothing: float = 0.0) -> np.ndarray:
    """y = (1 - eps) * onehot + eps / 10, as Keras smooths labels.

    smoothing: eps in [0, 1]. Returns float64 (10,), which sums to 1.
    Source: Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7.
    """
    target = np.full(CLASSES, smoothing / CLASSES)
    target[label] += 1 - smoothing
    return target


def cross_entropy(target: np.ndarray, probabilities: np.ndarray) -> float:
    """Return L = - sum_i y_i ln p_i in nats; inf where an asked-for class has no probability.

    target, probabilities: (n,), each sums to 1.
    """
    return float(-xlogy(target, probabilities).sum() + 0.0)


def sparse_cross_entropy(label: int, probabilities: np.ndarray) -> float:
    """Return L = - ln p_label, the same loss read from the digit itself. probabilities: (10,)."""
    return float(-xlogy(1, probabilities[label]) + 0.0)


def gradient(target: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """Return dL/dz = p - y, for L of softmax(z): (n,), which sums to 0."""
    return probabilities - target


def prediction(label: int, share: float, rival: int | None = None) -> np.ndarray:
    """A made-up prediction: float64 (10,), which sums to 1.

    share: what the label gets, in [0, 1]. The rest goes to the rival, else to all in equal parts.
    """
    if rival is None:
        made = np.full(CLASSES, (1 - share) / (CLASSES - 1))
    else:
        made = np.zeros(CLASSES)
        made[rival] = 1 - share
    made[label] = share
    return made


def smoothed_loss(smoothing: float, points: int = 400) -> Curve:
    """The loss over the label's probability in (0, 1), the rest in equal parts.

    Its lowest point is at 1 - eps + eps / 10, where prediction and target are the same.
    """
    x = np.concatenate([np.geomspace(1e-4, 0.05, points // 4), np.linspace(0.05, 0.9999, points)])
    target = one_hot(0, smoothing)
    y = -target[0] * np.log(x) - (1 - target[0]) * np.log((1 - x) / (CLASSES - 1))
    return Curve(x, y)
