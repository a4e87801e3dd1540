"""The images that excite each feature map most, and where. Imports TensorFlow."""

import numpy as np

from mnist_core.insight.feature_maps import FeatureExtractor, pixels
from mnist_core.network.summary import summarize

TOP = 9
BUDGET = 4e11  # floating-point operations in all: a few seconds on two cores
SHARE = 4  # of a batch for predictions: here the outputs of all layers are kept


def find(extractor: FeatureExtractor, images: np.ndarray) -> dict[str, np.ndarray]:
    """Return, for each map of each convolution, the images with its largest values.

    images: uint8 (n, 28, 28), n >= 9, ink bright; a large network reads only the first of them.
    Returns "images", how many were read, and, by name of the layer, (maps, 9, 4) float32: the
    number of the image, row and column of its largest value in the map, and that value. The largest
    value comes first, and of equal ones the earlier image. Each image counts once in a map.
    Source: Zeiler and Fergus 2014, "Visualizing and understanding convolutional networks".
    """
    names = convolutions(extractor)
    cost = 2 * summarize(extractor.network).multiply_adds
    images = images[: max(TOP, int(BUDGET / max(cost, 1)))]
    size = max(1, extractor.at_once // SHARE)
    parts: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for start in range(0, len(images), size):
        made = extractor.outputs(pixels(images[start : start + size]))
        for name in names:
            parts[name].append(_strongest(made[name].numpy(), start))
    best = {name: _best(np.concatenate(found)) for name, found in parts.items()}
    return {"images": np.array(len(images))} | best


def convolutions(extractor: FeatureExtractor) -> list[str]:
    """Return the names of the layers that convolve, after their activation."""
    network = extractor.network
    last = {row.layer: row.name for row in summarize(network).rows}  # of several rows of a layer
    return [last[at] for at, layer in enumerate(network.layers) if layer.convolves]


def _strongest(maps: np.ndarray, start: int) -> np.ndarray:
    """Return image, row, column and value of the largest value of each map: (n, maps, 4).

    maps: (n, h, w, maps); start: the number of the first image.
    """
    count, _, wide, channels = maps.shape
    flat = maps.reshape(count, -1, channels)
    at = flat.argmax(axis=1)
    value = np.take_along_axis(flat, at[:, None], axis=1)[:, 0]
    image = np.broadcast_to(np.arange(start, start + count)[:, None], at.shape)
    return np.stack([image, at // wide, at % wide, value], axis=-1).astype(np.float32)


def _best(found: np.ndarray) -> np.ndarray:
    """Return the TOP largest of each map: (n, maps, 4) -> (maps, TOP, 4)."""
    order = np.argsort(-found[..., 3], axis=0, kind="stable")[:TOP]
    return np.take_along_axis(found, order[..., None], axis=0).transpose(1, 0, 2)
