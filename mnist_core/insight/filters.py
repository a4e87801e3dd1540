"""The kernels of a convolution as pictures and in numbers; NumPy alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mnist_core.network.spec import Network
from mnist_core.network.summary import Row, summarize

SMALL = 0.01
"""A weight nearer to zero than this adds next to nothing to a sum."""


@dataclass(frozen=True, eq=False)
class Convolution:
    """One convolution's weights. kernel: (k, k, channels, filters) float32; bias: (filters,).

    bias is None where batch normalization follows, which has a shift of its own.
    """

    name: str
    kernel: np.ndarray
    bias: np.ndarray | None

    @property
    def size(self) -> int:
        return self.kernel.shape[0]

    @property
    def channels(self) -> int:
        return self.kernel.shape[2]

    @property
    def filters(self) -> int:
        return self.kernel.shape[3]

    @property
    def norms(self) -> np.ndarray:
        """How strong each filter is: the root of its sum of squares (L2). (filters,) float64."""
        return np.sqrt((self.kernel.astype(np.float64) ** 2).sum(axis=(0, 1, 2)))

    def of_channel(self, channel: int) -> np.ndarray:
        """What every filter does with one input channel: (filters, k, k)."""
        return np.moveaxis(self.kernel[:, :, channel], -1, 0)

    def of_filter(self, number: int) -> np.ndarray:
        """What one filter does with every input channel: (channels, k, k)."""
        return np.moveaxis(self.kernel[..., number], -1, 0)


@dataclass(frozen=True)
class Statistics:
    """Weights in numbers; small: the share of them with |w| < SMALL, in [0, 1]."""

    mean: float
    std: float
    smallest: float
    largest: float
    norm: float
    small: float


def convolution(row: Row, weights: Mapping[str, np.ndarray]) -> Convolution:
    """The weights of a convolution by its row in the summary."""
    return Convolution(row.name, weights[f"{row.name}/kernel"], weights.get(f"{row.name}/bias"))


def convolutions(network: Network) -> list[Row]:
    """The convolutions of a network, first to last."""
    return [row for row in summarize(network).rows if row.type == "Conv2D"]


def statistics(weights: np.ndarray) -> Statistics:
    """weights: any shape. The norm is the root of the sum of squares (L2)."""
    values = weights.astype(np.float64)
    return Statistics(
        float(values.mean()),
        float(values.std()),
        float(values.min()),
        float(values.max()),
        float(np.sqrt((values**2).sum())),
        float((np.abs(values) < SMALL).mean()),
    )
