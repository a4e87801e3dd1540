"""Nearest neighbors in the principal components of the last hidden layer; NumPy alone."""

from dataclasses import dataclass

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.network.layers import CLASSES


@dataclass(frozen=True, eq=False)
class Neighbors:
    """The nearest images of one set, the nearest first.

    rows: (n,); labels: (n,); distances: (n,) float32; name: the set, "training" or "test".
    """

    rows: np.ndarray
    labels: np.ndarray
    distances: np.ndarray
    name: str = "training"

    @property
    def vote(self) -> tuple[int, int]:
        """The most frequent label and its count; in a tie the label of the nearer image."""
        votes = np.bincount(self.labels, minlength=CLASSES)
        most = int(votes.max())
        return int(next(label for label in self.labels if votes[label] == most)), most


@dataclass(frozen=True, eq=False)
class Space:
    """All images projected onto k principal components of a layer of d units.

    mean: (d,) and components: (k, d) float32, orthonormal rows; explained: (k,), the share of
    variance of each component; train: (60000, k) and test: (10000, k) float32, the projections, in
    the unit of the layer's output; fitted: number of training images used for the components.
    """

    mean: np.ndarray
    components: np.ndarray
    explained: np.ndarray
    train: np.ndarray
    test: np.ndarray
    fitted: int

    @classmethod
    def unpack(cls, arrays: dict[str, np.ndarray]) -> "Space":
        """Return the stored result of the job "embedding", whose float16 projections are scaled."""
        scale = arrays["scale"]
        return cls(
            arrays["mean"],
            arrays["components"],
            arrays["explained"],
            arrays["train"].astype(np.float32) * scale,
            arrays["test"].astype(np.float32) * scale,
            int(arrays["fitted"]),
        )

    @property
    def units(self) -> int:
        """Number of units of the layer."""
        return len(self.mean)

    def project(self, features: np.ndarray) -> np.ndarray:
        """Project the layer's output for one image or for n: (..., d) -> (..., k) float32."""
        return (features - self.mean) @ self.components.T

    def neighbors(self, place: np.ndarray, count: int, without: int | None = None) -> Neighbors:
        """Return the training images nearest to a place, (k,). without: a row to leave out."""
        rows, distances = nearest(place, self.train, count + (without is not None))
        keep = (rows != without).nonzero()[0][:count]
        rows = rows[keep]
        return Neighbors(rows, mnist.load().y_train[rows], distances[keep])

    def on_test(self, place: np.ndarray, count: int) -> Neighbors:
        """Return the test images nearest to a place, (k,)."""
        rows, distances = nearest(place, self.test, count)
        return Neighbors(rows, mnist.load().y_test[rows], distances, "test")


def nearest(query: np.ndarray, places: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows of the `count` places nearest to a query, and their Euclidean distances.

    query: (k,), places: (n, k) float32, n >= count. Returns (count,) int64 and (count,) float32,
    the nearest first.
    """
    differences = places - query
    squares = np.einsum("nk,nk->n", differences, differences)
    rows = np.argpartition(squares, count - 1)[:count]
    rows = rows[np.argsort(squares[rows], kind="stable")]
    return rows, np.sqrt(squares[rows])


def place_on_map(query: np.ndarray, places: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Return a position on a t-SNE map for a new image: the weighted mean of its ten neighbors.

    query: (k,) and places: (n, k), projections; points: (n, 2), the map positions of the same n
    images. Returns (2,). Weights are 1 / distance, since t-SNE has no formula for new points.
    """
    rows, distances = nearest(query, places, 10)
    weights = 1 / np.maximum(distances, 1e-6 * max(float(distances[-1]), 1e-30))
    return np.average(points[rows], axis=0, weights=weights)


def sample_for_map(
    labels: np.ndarray, predicted: np.ndarray, most: int, seed: int = 0
) -> np.ndarray:
    """Sample rows for a map, sorted: at most `most`, up to half of them mistakes.

    All mistakes are taken if they fit into that half; everything else is drawn at random.
    """
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(np.flatnonzero(labels != predicted))[: most // 2]
    right = rng.permutation(np.flatnonzero(labels == predicted))[: most - len(wrong)]
    return np.sort(np.concatenate([wrong, right]))
