"""The space of the last hidden layer: PCA and t-SNE against scikit-learn."""

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from mnist_core.dataset import mnist
from mnist_core.execution import embedding
from mnist_core.execution.runner import feature_extractor
from mnist_core.insight.neighbors import Space
from mnist_core.network.summary import PREDICTION_BATCH_SIZE
from mnist_core.storage import artifacts
from mnist_core.utils.errors import InsightError
from mnist_core.utils.npz import pack

TRAIN, TEST = 6_000, 2_000


@pytest.fixture(scope="module")
def data() -> mnist.Dataset:
    """The first images of MNIST, for speed."""
    whole = mnist.load()
    return mnist.Dataset(
        whole.x_train[:TRAIN], whole.y_train[:TRAIN], whole.x_test[:TEST], whole.y_test[:TEST]
    )


@pytest.fixture(scope="module")
def embedded(trained_run, data):
    """What the job keeps, and the shares that it reported."""
    store, run_id = trained_run
    shares: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "load", lambda: data)
        arrays = embedding.embed(store, store.run(run_id), shares.append)
    return arrays, shares


def layer(trained, images: np.ndarray) -> np.ndarray:
    return feature_extractor(*trained).features(images)


def test_pca_is_scikit_learns(trained_run, embedded, data):
    space = Space.unpack(embedded[0])
    truth = PCA(8, svd_solver="covariance_eigh").fit(layer(trained_run, data.x_train))
    np.testing.assert_allclose(space.mean, truth.mean_, atol=1e-4)
    np.testing.assert_allclose(space.explained[:8], truth.explained_variance_ratio_, rtol=1e-3)
    alike = np.abs((space.components[:8] * truth.components_).sum(axis=1))
    np.testing.assert_allclose(alike, 1, atol=1e-3)
    assert space.fitted == TRAIN


def test_images_lie_where_their_features_project_to(trained_run, embedded, data):
    space = Space.unpack(embedded[0])
    features = layer(trained_run, data.x_test[:20])
    error = 1e-3 * float(np.abs(space.test).max())  # of float16
    np.testing.assert_allclose(space.project(features), space.test[:20], atol=error)
    training = space.project(layer(trained_run, data.x_train[-20:]))
    np.testing.assert_allclose(training, space.train[-20:], atol=error)


def test_what_is_kept_is_small_and_progress_only_grows(embedded):
    arrays, shares = embedded
    assert len(pack(arrays)) < 70 * (TRAIN + TEST) + 100_000  # 32 float16 an image
    assert len(shares) == (TRAIN + TEST) / PREDICTION_BATCH_SIZE
    assert shares == sorted(shares)
    assert shares[-1] <= 1


def test_a_layer_too_wide_for_the_memory_is_learned_from_fewer(
    trained_run, embedded, data, monkeypatch
):
    monkeypatch.setattr(embedding, "FEATURES_IN_MEMORY", 3_000 * len(embedded[0]["mean"]))
    monkeypatch.setattr(mnist, "load", lambda: data)
    store, run_id = trained_run
    space = Space.unpack(embedding.embed(store, store.run(run_id), lambda share: None))
    assert space.fitted == 3_000
    assert space.train.shape == (TRAIN, len(space.explained))
    whole = Space.unpack(embedded[0])
    np.testing.assert_allclose(space.explained[:3], whole.explained[:3], atol=0.02)


@pytest.mark.parametrize("shape", [(300, 40), (40, 300)])
def test_pca_of_tall_and_of_wide(shape):
    features = np.random.default_rng(1).normal(size=shape).astype(np.float32)
    features *= np.linspace(1, 5, shape[1], dtype=np.float32)
    truth = PCA(10, svd_solver="full").fit(features)
    mean, components, explained = embedding.pca(features.copy(), 10)
    np.testing.assert_allclose(mean, truth.mean_, atol=1e-5)
    np.testing.assert_allclose(explained, truth.explained_variance_ratio_, rtol=1e-4)
    np.testing.assert_allclose(np.abs(components @ truth.components_.T), np.eye(10), atol=1e-3)


@pytest.mark.parametrize("shape", [(300, 40), (40, 300)])
def test_a_direction_without_variance_is_nought(shape):
    rng = np.random.default_rng(3)
    features = (rng.normal(size=(shape[0], 3)) @ rng.normal(size=(3, shape[1]))).astype(np.float32)
    _, components, shares = embedding.pca(features, 10)
    np.testing.assert_allclose(components @ components.T, np.diag([1] * 3 + [0] * 7), atol=1e-5)
    assert shares[:3].sum() == pytest.approx(1, abs=1e-5)


def test_values_too_large_to_be_squared_are_refused():
    with pytest.raises(InsightError, match="a lower learning_rate"):
        embedding.pca(
            1e30 * np.ones((20, 4), np.float32) * np.arange(20, dtype=np.float32)[:, None], 2
        )


def test_a_layer_that_says_nothing_has_directions_too():
    _, components, explained = embedding.pca(np.zeros((50, 3), np.float32), 32)
    assert components.shape == (3, 3)
    np.testing.assert_array_equal(explained, 0)


@pytest.fixture(scope="module")
def clusters():
    """Ten clusters far from each other in 16 dimensions: places (600, 16) and their number."""
    rng = np.random.default_rng(2)
    number = np.arange(600) % 10
    places = 20 * rng.normal(size=(10, 16))[number] + rng.normal(size=(600, 16))
    return places.astype(np.float32), number


def test_tsne_keeps_clusters_together_and_repeats_itself(clusters):
    places, number = clusters
    shares: list[float] = []
    points = embedding.spread(places, shares.append)
    assert points.shape == (600, 2)
    assert len(shares) > 50
    found = NearestNeighbors(n_neighbors=6).fit(points).kneighbors(points)[1][:, 1:]
    assert (number[found] == number[:, None]).mean() > 0.99
    np.testing.assert_array_equal(points, embedding.spread(places, shares.append))


class Cancelled(Exception):
    pass


def test_tsne_ends_when_nobody_wants_it_any_more(clusters):
    shares: list[float] = []

    def report(share: float) -> None:
        shares.append(share)
        if share > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        embedding.spread(clusters[0], report)
    assert max(shares) < 0.35


def test_tsne_of_a_layer_that_says_nothing():
    assert np.isfinite(embedding.spread(np.zeros((200, 1), np.float32), lambda share: None)).all()


def test_the_job_maps_every_mistake(trained_run, embedded, monkeypatch):
    store, run_id = trained_run
    places = np.resize(embedded[0]["test"], (10_000, len(embedded[0]["explained"])))
    monkeypatch.setattr(embedding, "spread", lambda places, report: places[:, :2])
    monkeypatch.setattr(
        embedding.jobs, "result", lambda store, run, name: embedded[0] | {"test": places}
    )
    found = embedding.tsne(store, store.run(run_id), lambda share: None)
    seen = artifacts.load_report(store, run_id)
    assert seen is not None
    assert np.isin(seen.mistakes, found["rows"]).all()
    assert len(np.unique(found["rows"])) == embedding.TSNE_IMAGES
    expected = places[found["rows"], :2] * np.float32(embedded[0]["scale"])
    np.testing.assert_array_equal(found["points"], expected)


def test_an_image_is_not_its_own_neighbour(embedded):
    space = Space.unpack(embedded[0])
    assert space.neighbors(space.train[7], 10).rows[0] == 7
    found = space.neighbors(space.train[7], 10, without=7)
    assert len(found.rows) == 10
    assert 7 not in found.rows
    np.testing.assert_array_equal(found.labels, mnist.load().y_train[found.rows])
