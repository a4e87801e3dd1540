"""Labels that a network contradicts, against NumPy."""

import csv
import io

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.execution import label_error_search
from mnist_core.insight.label_errors import (
    KEPT,
    VERDICTS,
    LabelErrors,
    find_label_errors,
    verdicts_csv,
)


@pytest.fixture(scope="module")
def data() -> mnist.Dataset:
    """All test images, and the first training images, for speed."""
    whole = mnist.load()
    return mnist.Dataset(whole.x_train[:5_000], whole.y_train[:5_000], whole.x_test, whole.y_test)


@pytest.fixture(autouse=True)
def _small(data, monkeypatch):
    monkeypatch.setattr(mnist, "load", lambda: data)


@pytest.fixture(scope="module")
def found(trained_run, data):
    store, run_id = trained_run
    shares: list[float] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mnist, "load", lambda: data)
        arrays = label_error_search.search(store, store.run(run_id), shares.append)
    assert shares == sorted(shares)
    assert len(shares) >= 15
    return arrays


@pytest.mark.parametrize("name", ["test", "training"])
def test_they_are_the_most_confident_contradictions(found, classify, data, name):
    images, labels = (data.x_test, data.y_test) if name == "test" else (data.x_train, data.y_train)
    doubts = LabelErrors.unpack(found, name)
    probabilities = classify(images)
    wrong = np.flatnonzero(probabilities.argmax(axis=1) != labels)
    assert (doubts.wrong, doubts.images) == (len(wrong), len(labels))
    assert len(doubts.rows) == min(len(wrong), KEPT)
    assert np.isin(doubts.rows, wrong).all()
    sure = np.sort(probabilities[wrong].max(axis=1))[::-1][:KEPT]
    np.testing.assert_allclose(doubts.confidence, sure, atol=1e-5)
    np.testing.assert_array_equal(doubts.labels, labels[doubts.rows])
    assert (doubts.predicted != doubts.labels).all()
    np.testing.assert_allclose(
        doubts.given, probabilities[doubts.rows, labels[doubts.rows]], atol=1e-5
    )


def test_a_label_that_was_changed_is_found_first(classify, data):
    probabilities, labels = classify(data.x_train), data.y_train.copy()
    right = probabilities.argmax(axis=1) == labels
    surest = int((right * probabilities.max(axis=1)).argmax())
    labels[surest] = (labels[surest] + 3) % 10
    assert surest in find_label_errors(probabilities, labels)[0][:5]


def test_a_network_without_mistakes_doubts_nothing():
    rows, probabilities, wrong = find_label_errors(np.eye(10, dtype=np.float32), np.arange(10))
    assert (len(rows), probabilities.shape, wrong) == (0, (0, 10), 0)


def test_filters_by_pair(found):
    doubts = LabelErrors.unpack(found, "training")
    label, read = int(doubts.labels[0]), int(doubts.predicted[0])
    places = doubts.places(label, read)
    fits = (doubts.labels == label) & (doubts.predicted == read)
    np.testing.assert_array_equal(places, np.flatnonzero(fits))
    assert len(doubts.places(None, None)) == len(doubts.rows)


def test_verdicts_as_a_table(found):
    both = [LabelErrors.unpack(found, name) for name in ("test", "training")]
    row = int(both[1].rows[3])
    verdicts = {("training", row): VERDICTS[1], ("test", -1): VERDICTS[0]}
    (line,) = csv.DictReader(io.StringIO(verdicts_csv(both, verdicts)))
    assert line["set"] == "training"
    assert int(line["index"]) == row
    assert int(line["label"]) == mnist.load().y_train[row]
    assert int(line["predicted"]) == both[1].predicted[3]
    assert line["verdict"] == "The network is right"
