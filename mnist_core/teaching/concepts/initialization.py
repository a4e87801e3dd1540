"""How large activations and gradients are with the initial weights, layer by layer.

The network is dense, with 784 pixels, six hidden layers of 64 units, 10 outputs, and biases of 0.
It reads a batch of 64 training images before the first step of training.
"""

from dataclasses import dataclass
from functools import cache
from itertools import pairwise

import numpy as np
from scipy.special import logsumexp

from mnist_core.dataset import mnist
from mnist_core.network.activations import activation, derivative
from mnist_core.network.layers import CLASSES

UNITS, HIDDEN, IMAGES = 64, 6, 64
SIZES = (mnist.SIDE**2, *[UNITS] * HIDDEN, CLASSES)
SATURATED = 0.1
"""A smaller slope passes almost no gradient."""

Weights = list[np.ndarray]

SMALL, LARGE, ZEROS = "Too small", "Too large", "Zeros"
GLOROT, HE = "Glorot uniform", "He normal"

NAMES = (SMALL, LARGE, GLOROT, HE, ZEROS)


def draw(name: str, n_in: int, n_out: int, draws: np.random.Generator) -> np.ndarray:
    """Return the initial weights of a dense layer, (n_in, n_out). name: one of NAMES.

    Sources: Glorot and Bengio 2010, equation 16; He et al. 2015, equation 10.
    """
    if name == GLOROT:
        limit = np.sqrt(6 / (n_in + n_out))
        return draws.uniform(-limit, limit, (n_in, n_out))
    spread = {ZEROS: 0.0, SMALL: 0.01, LARGE: 1.0, HE: np.sqrt(2 / n_in)}[name]
    return draws.normal(0, spread, (n_in, n_out))


def initial_weights(name: str, seed: int = 0) -> Weights:
    """Return the weights of the seven layers, (inputs, units) each. name: one of NAMES."""
    draws = np.random.default_rng(seed)
    return [draw(name, *size, draws) for size in pairwise(SIZES)]


def batch() -> tuple[np.ndarray, np.ndarray]:
    """Return the first training images, (64, 784) in [0, 1], and their labels, (64,)."""
    data = mnist.load()
    return data.x_train[:IMAGES].reshape(IMAGES, -1) / 255, data.y_train[:IMAGES]


@dataclass(frozen=True, eq=False)
class Pass:
    """A forward and a backward pass.

    outputs: of the pixels and of each hidden layer, (images, units); sums: of each hidden layer,
    before its activation; gradients: of the loss with respect to each weight matrix, of its shape;
    loss: the mean cross-entropy of the batch.
    """

    activation: str
    outputs: list[np.ndarray]
    sums: list[np.ndarray]
    gradients: Weights
    loss: float


def run(weights: Weights, name: str, x: np.ndarray, labels: np.ndarray) -> Pass:
    """Take images forward through the layers, and the error of softmax and cross-entropy back.

    weights: a matrix per layer, (inputs, units); name: of the hidden layers' activation; x:
    (n, inputs); labels: (n,) integers.
    """
    outputs, sums = [x], []
    for matrix in weights[:-1]:
        sums.append(outputs[-1] @ matrix)
        outputs.append(activation(name, sums[-1]))
    logits = outputs[-1] @ weights[-1]
    logs = logits - logsumexp(logits, axis=1, keepdims=True)
    rows = np.arange(len(x))
    error = np.exp(logs)
    error[rows, labels] -= 1
    error /= len(x)
    gradients = [outputs[-1].T @ error]
    for at in reversed(range(len(sums))):
        error = (error @ weights[at + 1].T) * derivative(name, sums[at])
        gradients.insert(0, outputs[at].T @ error)
    return Pass(name, outputs, sums, gradients, float(-logs[rows, labels].mean()))


@dataclass(frozen=True, eq=False)
class Signal:
    """The size of activations and gradients in a pass.

    outputs: (7,), how much a value differs between images, for the pixels and each hidden layer:
    the root of the mean variance over the images, as what all images share tells nothing of them;
    gradients: (7,), the standard deviation of each weight matrix's gradient; dead: the hidden units
    of all layers that are 0 on every image; saturated: the share of all hidden values at which the
    slope is below SATURATED, in [0, 1]; loss: as in `Pass`.
    """

    outputs: np.ndarray
    gradients: np.ndarray
    dead: int
    saturated: float
    loss: float


def measure(passed: Pass) -> Signal:
    """Return how large activations and gradients are in a pass."""
    slopes = derivative(passed.activation, np.concatenate(passed.sums, axis=1))
    return Signal(
        outputs=np.array([np.sqrt(values.var(axis=0).mean()) for values in passed.outputs]),
        gradients=np.array([values.std() for values in passed.gradients]),
        dead=sum(int((values == 0).all(axis=0).sum()) for values in passed.outputs[1:]),
        saturated=float((slopes < SATURATED).mean()),
        loss=passed.loss,
    )


@cache
def first_signal(name: str, activation: str) -> Signal:
    """Return the signal of the first pass of `batch`, computed once per process.

    name: of the initial weights, one of NAMES; activation: of the hidden layers.
    """
    return measure(run(initial_weights(name), activation, *batch()))
