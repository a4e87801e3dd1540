"""The filters of a convolution and statistics of weights; NumPy alone."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mnist_core.network.spec import Network
from mnist_core.network.summary import Row, summarize

SMALL = 0.01
"""Weights with a smaller absolute value contribute next to nothing to a sum."""


@dataclass(frozen=True, eq=False)
class Convolution:
    """The weights of one convolution. kernel: (k, k, channels, filters) float32; bias: (filters,).

    bias is None if batch normalization follows, whose beta takes its place.
    """

    name: str
    kernel: np.ndarray
    bias: np.ndarray | None

    @property
    def size(self) -> int:
        """Side of the kernel in pixels."""
        return self.kernel.shape[0]

    @property
    def channels(self) -> int:
        """Number of input channels."""
        return self.kernel.shape[2]

    @property
    def filters(self) -> int:
        """Number of filters, which are the output channels."""
        return self.kernel.shape[3]

    @property
    def norms(self) -> np.ndarray:
        """The L2 norm of each filter: (filters,) float64."""
        return np.sqrt((self.kernel.astype(np.float64) ** 2).sum(axis=(0, 1, 2)))

    def of_channel(self, channel: int) -> np.ndarray:
        """Return the kernels that all filters apply to one input channel: (filters, k, k)."""
        return np.moveaxis(self.kernel[:, :, channel], -1, 0)

    def of_filter(self, number: int) -> np.ndarray:
        """Return the kernels that one filter applies to the input channels: (channels, k, k)."""
        return np.moveaxis(self.kernel[..., number], -1, 0)


@dataclass(frozen=True)
class Statistics:
    """Statistics of weights. norm: the L2 norm; small: the share with |w| < SMALL, in [0, 1]."""

    mean: float
    std: float
    smallest: float
    largest: float
    norm: float
    small: float


def convolution(row: Row, weights: Mapping[str, np.ndarray]) -> Convolution:
    """Return the weights of a convolution. row: its row in the network summary."""
    return Convolution(row.name, weights[f"{row.name}/kernel"], weights.get(f"{row.name}/bias"))


def convolutions(network: Network) -> list[Row]:
    """Return the summary rows of a network's convolutions, first to last."""
    return [row for row in summarize(network).rows if row.type == "Conv2D"]


def statistics(weights: np.ndarray) -> Statistics:
    """Return statistics of weights of any shape, computed in float64."""
    values = weights.astype(np.float64)
    return Statistics(
        float(values.mean()),
        float(values.std()),
        float(values.min()),
        float(values.max()),
        float(np.sqrt((values**2).sum())),
        float((np.abs(values) < SMALL).mean()),
    )
