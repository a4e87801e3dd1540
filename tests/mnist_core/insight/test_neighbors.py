"""Nearest neighbours against scikit-learn, their vote, and places on a map."""

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from mnist_core.insight.neighbors import Neighbors, nearest, place_on_map, sample_for_map


def test_neighbours_are_scikit_learns():
    rng = np.random.default_rng(3)
    places, queries = (rng.normal(size=(n, 32)).astype(np.float32) for n in (5_000, 5))
    distances, rows = NearestNeighbors(n_neighbors=10).fit(places).kneighbors(queries)
    for query, its_rows, its_distances in zip(queries, rows, distances, strict=True):
        found, far = nearest(query, places, 10)
        np.testing.assert_array_equal(found, its_rows)
        np.testing.assert_allclose(far, its_distances, rtol=1e-5)


@pytest.mark.parametrize(
    ("labels", "vote"), [([4, 4, 9, 4], (4, 3)), ([9, 4, 4, 9], (9, 2)), ([4, 9, 9, 4], (4, 2))]
)
def test_the_vote_goes_to_the_nearer_of_two_as_frequent(labels, vote):
    found = Neighbors(np.arange(4), np.array(labels), np.arange(4.0))
    assert found.vote == vote


def test_a_place_between_neighbours():
    places = np.arange(20, dtype=np.float32)[:, None]
    points = np.stack([places[:, 0], -places[:, 0]], axis=1)
    np.testing.assert_allclose(place_on_map(places[4], places, points), [4, -4], atol=0.01)
    np.testing.assert_allclose(place_on_map(np.array([9.5]), places, points), [9.5, -9.5])


def test_the_map_shows_every_mistake_and_a_larger_map_the_same():
    labels = np.arange(1_000) % 10
    predicted = labels.copy()
    predicted[::20] += 1
    shown = sample_for_map(labels, predicted, 300)
    assert len(np.unique(shown)) == 300
    assert np.isin(np.arange(0, 1_000, 20), shown).all()
    assert np.isin(shown, sample_for_map(labels, predicted, 400)).all()
    assert (labels[sample_for_map(labels, 9 - labels, 300)] >= 0).sum() == 150  # none is right
