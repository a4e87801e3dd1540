"""All images in the space of the last hidden layer, and maps of it. Imports TensorFlow.

The `report` of a job is called with the share that is done; it may raise, which ends the job.
"""

from collections.abc import Iterator

import numpy as np
import scipy.linalg

from mnist_core.dataset import mnist
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.execution.jobs import Tell
from mnist_core.execution.runner import feature_extractor
from mnist_core.insight.feature_maps import FeatureExtractor
from mnist_core.insight.neighbors import Space, sample_for_map
from mnist_core.network.summary import PREDICTION_BATCH_SIZE
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import InsightError

COMPONENTS = 32
FEATURES_IN_MEMORY = 48_000_000  # float32 values: 200 MB
WIDE_UNITS, WIDE_IMAGES = 2000, 1500  # a wider layer: PCA is fitted to at most this many images
TSNE_IMAGES = 4000  # all 10,000 would take a minute
NO_VARIANCE = 1e-6  # of the largest one: as much as float32 leaves where there is none
SEED = 0
STEPS, REPORT_EVERY = 250 + 500, 10  # of t-SNE; the first 250 are exaggerated


def embed(store: Store, run: Run, report: Tell) -> dict[str, np.ndarray]:
    """Fit a PCA to the inputs of the output layer; return all images in its directions.

    The arrays are those of `insight.neighbors.Space`; positions are float16, divided by `scale`.
    Where the layer has too many units for the memory, PCA is fitted to fewer training images,
    `fitted`.
    """
    extractor, data = feature_extractor(store, run.id), mnist.load()
    units = extractor.model.layers[-1].input.shape[-1]
    rows = _sample(len(data.x_train), units)
    everything = len(rows) == len(data.x_train)
    chunks = _features(extractor, data.x_train[rows], report, 0, 0.75 if everything else 0.2)
    features = _gather(chunks, len(rows), units)
    mean, components, explained = pca(features, COMPONENTS)
    if everything:
        train = features @ components.T  # `pca` has centered them
    else:
        del features
        later = _features(extractor, data.x_train, report, 0.2, 0.85)
        train = np.concatenate([(chunk - mean) @ components.T for chunk in later])
    last = _features(extractor, data.x_test, report, 0.85, 1)
    test = np.concatenate([(chunk - mean) @ components.T for chunk in last])
    scale = np.float32(max(np.abs(train).max(), np.abs(test).max()) or 1)
    return {
        "mean": mean,
        "components": components,
        "explained": explained,
        "train": (train / scale).astype(np.float16),
        "test": (test / scale).astype(np.float16),
        "scale": np.asarray(scale),
        "fitted": np.asarray(len(rows)),
    }


def pca(features: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the directions of the largest variance; centers `features` in place.

    features: (n, d) float32 -> mean (d,), components (k, d) float32 with orthonormal rows, their
    shares of the variance (k,) float64; k is at most `most`, d and n - 1. A component's largest
    entry is positive. A direction without variance is all zeros. Raises InsightError where the
    values are too large to be squared. Source: Hotelling 1933.
    """
    count, units = features.shape
    mean = features.mean(axis=0, dtype=np.float64).astype(np.float32)
    features -= mean
    tall = count > units
    with np.errstate(over="ignore", invalid="ignore"):
        square = features.T @ features if tall else features @ features.T
    if not np.isfinite(square).all():
        raise InsightError(
            "the values of the last hidden layer are too large for a map, which squares them: the "
            "training diverged, so train again with a lower learning_rate"
        )
    kept = (len(square) - min(most, units, count - 1), len(square) - 1)
    values, vectors = scipy.linalg.eigh(square.astype(np.float64), subset_by_index=kept)
    values, vectors = np.maximum(values, 0)[::-1], vectors.T[::-1]  # the largest first
    if not tall:  # the eigenvectors of X X' are those of X' X, seen from the images' side
        vectors = vectors.astype(np.float32) @ features
        vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-30)
    vectors = np.where(values[:, None] > NO_VARIANCE * values[0], vectors, 0)
    largest = np.take_along_axis(vectors, np.abs(vectors).argmax(axis=1)[:, None], axis=1)
    vectors = vectors * np.where(largest < 0, -1, 1)
    shares = values / max(float(np.trace(square)), 1e-30)
    return mean, vectors.astype(np.float32), shares


def tsne(store: Store, run: Run, report: Tell) -> dict[str, np.ndarray]:
    """Return a map of at most TSNE_IMAGES test images: `points` (n, 2) float32, `rows` (n,)."""
    begin, found = 0.0, jobs.result(store, run, "embedding")
    if found is None:
        begin, found = 0.3, embed(store, run, lambda done: report(0.3 * done))
    seen, labels = artifacts.load_report(store, run.id), mnist.load().y_test
    rows = sample_for_map(labels, seen.predicted if seen else labels, TSNE_IMAGES)
    places = Space.unpack(found).test[rows]
    return {"points": spread(places, lambda d: report(begin + (1 - begin) * d)), "rows": rows}


def spread(places: np.ndarray, report: Tell) -> np.ndarray:
    """Return a t-SNE map, initialized with the first two directions: (n, k) -> (n, 2) float32.

    Source: van der Maaten and Hinton 2008; with the tree of van der Maaten 2014.
    """
    from openTSNE import TSNE  # 2 s to import, for this alone

    report(0)
    done = 0

    def tell(_step: int, _error: float, _points: np.ndarray) -> bool:
        nonlocal done  # openTSNE counts from 0 again in its second phase
        done += REPORT_EVERY
        report(min(done / STEPS, 1))
        return False  # True would end t-SNE

    # Narrow, as t-SNE needs it; the noise is for equal places, on which openTSNE crashes.
    first = np.random.default_rng(SEED).normal(0, 1e-6, (len(places), 2))
    first[:, : places.shape[1]] += 1e-4 * places[:, :2] / max(float(places[:, 0].std()), 1e-30)
    made = TSNE(
        n_jobs=1,  # two wait for each other in vain as soon as anything else runs
        random_state=SEED,
        initialization=first,
        negative_gradient_method="bh",
        callbacks=tell,
        callbacks_every_iters=REPORT_EVERY,
    )
    return np.asarray(made.fit(places), np.float32)


def _sample(images: int, units: int) -> np.ndarray:
    """Return random rows, sorted: as many as the memory holds, at least 500."""
    most = (
        FEATURES_IN_MEMORY // units
        if units <= WIDE_UNITS
        else min(FEATURES_IN_MEMORY // units, WIDE_IMAGES)
    )
    count = min(images, max(most, 500))
    return np.sort(np.random.default_rng(SEED).permutation(images)[:count])


def _gather(chunks: Iterator[np.ndarray], count: int, units: int) -> np.ndarray:
    """Return chunks of features in one array, without holding them twice."""
    features, start = np.empty((count, units), np.float32), 0
    for chunk in chunks:
        features[start : start + len(chunk)] = chunk
        start += len(chunk)
    return features


def _features(
    extractor: FeatureExtractor, images: np.ndarray, report: Tell, begin: float, end: float
) -> Iterator[np.ndarray]:
    """Yield the inputs of the output layer in chunks: float32 (n, units)."""
    for start in range(0, len(images), PREDICTION_BATCH_SIZE):
        report(begin + (end - begin) * start / len(images))
        yield extractor.features(images[start : start + PREDICTION_BATCH_SIZE])
