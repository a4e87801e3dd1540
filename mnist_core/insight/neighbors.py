"""The space of a network's last hidden layer, reduced to some directions; NumPy alone."""

from dataclasses import dataclass

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.network.spec import CLASSES


@dataclass(frozen=True, eq=False)
class Neighbors:
    """Images of one set, the nearest first: `rows` (n,), `labels` (n,), `distances` (n,) float32.

    name: "training" or "test", the set that they are of.
    """

    rows: np.ndarray
    labels: np.ndarray
    distances: np.ndarray
    name: str = "training"

    @property
    def vote(self) -> tuple[int, int]:
        """The most frequent label and how many have it; of two as frequent, the nearer one's."""
        votes = np.bincount(self.labels, minlength=CLASSES)
        most = int(votes.max())
        return int(next(label for label in self.labels if votes[label] == most)), most


@dataclass(frozen=True, eq=False)
class Space:
    """k principal directions of a layer of d values, and where all images lie in them.

    mean: (d,) and components: (k, d) float32, orthonormal rows; explained: (k,), each direction's
    share of the variance; train: (60000, k) and test: (10000, k) float32, in the layer's own unit;
    fitted: how many training images the directions were worked out from.
    """

    mean: np.ndarray
    components: np.ndarray
    explained: np.ndarray
    train: np.ndarray
    test: np.ndarray
    fitted: int

    @classmethod
    def unpack(cls, arrays: dict[str, np.ndarray]) -> "Space":
        """What the job "embedding" has kept; its positions are float16, divided by `scale`."""
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
        """How many values the layer has."""
        return len(self.mean)

    def project(self, features: np.ndarray) -> np.ndarray:
        """Where an image lies: what the layer makes of it, (d,) float32 -> (k,) float32."""
        return (features - self.mean) @ self.components.T

    def neighbours(self, place: np.ndarray, count: int, without: int | None = None) -> Neighbors:
        """The training images nearest to a place, (k,). without: a row that is not to be named."""
        rows, distances = nearest(place, self.train, count + (without is not None))
        keep = (rows != without).nonzero()[0][:count]
        rows = rows[keep]
        return Neighbors(rows, mnist.load().y_train[rows], distances[keep])

    def on_test(self, place: np.ndarray, count: int) -> Neighbors:
        """The test images nearest to a place, (k,)."""
        rows, distances = nearest(place, self.test, count)
        return Neighbors(rows, mnist.load().y_test[rows], distances, "test")


def nearest(query: np.ndarray, places: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """The `count` places with the least Euclidean distance from a query: rows and distances.

    query: (k,), places: (n, k) float32, n >= count -> (count,) int64 and (count,) float32, the
    nearest first.
    """
    differences = places - query
    squares = np.einsum("nk,nk->n", differences, differences)
    rows = np.argpartition(squares, count - 1)[:count]
    rows = rows[np.argsort(squares[rows], kind="stable")]
    return rows, np.sqrt(squares[rows])


def place_between(query: np.ndarray, places: np.ndarray, points: np.ndarray) -> np.ndarray:
    """A place on a map for what is not on it: the mean of its ten nearest, the nearer weigh more.

    query: (k,), places: (n, k) in the space, points: (n, 2), the same images on the map -> (2,).
    t-SNE has no formula for new points. Weights are 1 / distance.
    """
    rows, distances = nearest(query, places, 10)
    weights = 1 / np.maximum(distances, 1e-6 * max(float(distances[-1]), 1e-30))
    return np.average(points[rows], axis=0, weights=weights)


def on_map(labels: np.ndarray, predicted: np.ndarray, most: int, seed: int = 0) -> np.ndarray:
    """Rows to draw of many, sorted: at most `most`, every mistake up to half of them.

    The rest, and the mistakes where they are more, are drawn at random by seed.
    """
    rng = np.random.default_rng(seed)
    wrong = rng.permutation(np.flatnonzero(labels != predicted))[: most // 2]
    right = rng.permutation(np.flatnonzero(labels == predicted))[: most - len(wrong)]
    return np.sort(np.concatenate([wrong, right]))
