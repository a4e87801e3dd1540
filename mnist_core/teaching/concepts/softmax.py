"""Softmax, cross-entropy and labels on a handful of numbers; NumPy only."""

from dataclasses import dataclass

import numpy as np

from mnist_core.network.layers import CLASSES

Float = np.float16 | np.float32 | np.float64


def softmax(logits: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """p_i = exp(z_i / T) / sum_j exp(z_j / T), the largest logit subtracted first.

    logits: (..., n) finite; temperature: T > 0. Returns float64 (..., n); rows sum to 1.
    """
    scaled = np.asarray(logits, np.float64) / temperature
    raised = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return raised / raised.sum(axis=-1, keepdims=True)


@dataclass(frozen=True, eq=False)
class SoftmaxResult:
    """Softmax worked out in one way. exponentials, probabilities: (n,) of one float type."""

    exponentials: np.ndarray
    probabilities: np.ndarray

    @property
    def total(self) -> float:
        """What the exponentials sum up to in their own float type: inf where that overflows."""
        with np.errstate(over="ignore"):
            return float(self.exponentials.sum())

    @property
    def failed(self) -> str:
        """What went wrong in a few words; empty where the probabilities can be used."""
        if np.isinf(self.exponentials).any():
            return "overflow: inf / inf is nan"
        if np.isinf(self.total):
            return "overflow of the sum: anything / inf is 0"
        if self.total == 0:
            return "underflow: 0 / 0 is nan"
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
    return Curve(x, np.exp(-np.logaddexp(0, -(x - rest) / temperature)))


def combined_logit(logits: np.ndarray, at: int, temperature: float = 1.0) -> float:
    """T ln(sum of exp(z_j / T)) over all j but `at`: what the other classes weigh together."""
    others = np.delete(np.asarray(logits, np.float64), at) / temperature
    return temperature * float(np.logaddexp.reduce(others))


def one_hot(label: int, smoothing: float = 0.0) -> np.ndarray:
    """y = (1 - eps) * onehot + eps / 10, as Keras smooths labels.

    smoothing: eps in [0, 1]. Returns float64 (10,), which sums to 1.
    Source: Szegedy et al. 2016, "Rethinking the Inception Architecture", section 7.
    """
    target = np.full(CLASSES, smoothing / CLASSES)
    target[label] += 1 - smoothing
    return target


def cross_entropy(target: np.ndarray, probabilities: np.ndarray) -> float:
    """L = - sum_i y_i ln p_i in nats; inf where an asked-for class has no probability at all.

    target, probabilities: (n,), each sums to 1. What y_i = 0 asks nothing of adds nothing.
    """
    asked = target > 0
    with np.errstate(divide="ignore"):
        return float(-(target[asked] * np.log(probabilities[asked])).sum() + 0.0)


def sparse_cross_entropy(label: int, probabilities: np.ndarray) -> float:
    """L = - ln p_label, the same loss read from the digit itself. probabilities: (10,)."""
    with np.errstate(divide="ignore"):
        return float(-np.log(probabilities[label]) + 0.0)


def gradient(target: np.ndarray, probabilities: np.ndarray) -> np.ndarray:
    """dL/dz = p - y, for L of softmax(z): (n,), which sums to 0."""
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


def entropy(target: np.ndarray) -> float:
    """The least loss that a target allows: its cross-entropy with itself, in nats."""
    return cross_entropy(target, target)
