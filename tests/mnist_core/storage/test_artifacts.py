"""What a run leaves: weights, report, snapshots of epochs, and a plan for more of them."""

import numpy as np
import pytest
from sklearn.metrics import accuracy_score

from mnist_core.dataset import mnist
from mnist_core.evaluation.histograms import histograms
from mnist_core.evaluation.history import Checkpoint, State
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Training
from mnist_core.storage import artifacts
from mnist_core.storage.artifacts import EpochSnapshot, first_kernel
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.npz import pack

SPEC = Spec(network=parse("C4 M F"), training=Training(epochs=2))


@pytest.fixture
def store(url) -> Store:
    return Store(url=url)


def left_after(store: Store, epochs: int, **columns) -> int:
    """A run that was stopped after some epochs of 10 steps each."""
    run = store.create_run(SPEC, queued=False, steps=10, **columns)
    state = State(2, 0.1, epoch=epochs)
    store.put(run.id, "checkpoint", Checkpoint(state, {}).to_bytes())
    return run.id


def test_weights_are_there_once_they_are_stored(store):
    run = store.create_run(SPEC)
    with pytest.raises(StoreError, match=rf"run {run.id} has no trained weights yet.*queued"):
        artifacts.load_weights(store, run.id)
    store.put(run.id, "weights", pack({"a": np.arange(3)}))
    np.testing.assert_array_equal(artifacts.load_weights(store, run.id)["a"], np.arange(3))


def test_a_report_comes_back_with_its_figures(store):
    run = store.create_run(SPEC)
    assert artifacts.load_report(store, run.id) is None
    probabilities = np.random.default_rng(0).dirichlet(np.ones(10), 10_000).astype(np.float32)
    artifacts.save_report(store, run.id, probabilities)
    again, found = artifacts.load_report(store, run.id), store.run(run.id)
    assert again is not None
    np.testing.assert_array_equal(again.probabilities, probabilities)
    expected = accuracy_score(mnist.load().y_test, probabilities.argmax(axis=1))
    assert found.test_accuracy == pytest.approx(expected)
    assert (found.test_loss, found.test_ece) == (again.loss, again.ece)


@pytest.mark.parametrize("kernel", [None, np.ones((3, 3, 1, 4), np.float16)])
@pytest.mark.parametrize("whole", [True, False])
def test_a_snapshot_of_an_epoch_comes_back(store, kernel, whole):
    run, draws = store.create_run(SPEC), np.random.default_rng(1)
    weights, gradients = (histograms([draws.normal(size=30)] * 2) if whole else None for _ in "wg")
    ten, square = np.full((20, 10), 0.1, np.float32), np.eye(10, dtype=np.uint16)
    kept = EpochSnapshot(ten, square, kernel, weights, gradients)
    artifacts.save_epoch_snapshot(store, run.id, 1, kept)
    again = artifacts.load_epoch_snapshot(store, run.id, 1)
    assert again is not None
    np.testing.assert_array_equal(again.probabilities, kept.probabilities)
    np.testing.assert_array_equal(again.confusion, kept.confusion)
    assert (again.kernel is None) == (kernel is None)
    for one, other in ((again.weights, weights), (again.gradients, gradients)):
        assert (one is None) == (other is None) == (not whole)
        if one and other:
            for part in ("counts", "ends", "spreads"):
                np.testing.assert_array_equal(getattr(one, part), getattr(other, part))
    assert artifacts.load_epoch_snapshot(store, run.id, 2) is None


def test_a_first_kernel_is_small_and_finite():
    kernel = np.full((5, 5, 32, 512), 1e6, np.float32)
    found = first_kernel({"conv2d_1/kernel": kernel})
    assert found is not None
    assert found.shape == (5, 5, 7, 512)  # 200,000 bytes // (5 * 5 * 512 values of 2 bytes)
    assert found.dtype == np.float16
    assert np.isfinite(found).all()
    assert first_kernel({"dense_1/kernel": kernel}) is None


def test_more_epochs_are_planned_from_where_a_run_was_left(store):
    run_id = left_after(store, 2)
    artifacts.plan_more_epochs(store, run_id, 3)
    assert store.run(run_id).planned == 5
    state = Checkpoint.from_bytes(store.get(run_id, "checkpoint") or b"").state
    assert (state.epochs, state.epoch, state.leg_start) == (5, 2, 20)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"trial": 0}, "is a trial, and its study compares trials"),
        ({"origin": "mine.keras"}, "was trained elsewhere"),
        ({"state": "running"}, "is running: wait until it is over"),
    ],
)
def test_no_more_epochs_are_planned_where_they_mean_nothing(store, columns, words):
    run_id = left_after(store, 2, **columns)
    before = store.get(run_id, "checkpoint")
    with pytest.raises(StoreError, match=words):
        artifacts.plan_more_epochs(store, run_id, 3)
    assert store.run(run_id).planned == 2
    assert store.get(run_id, "checkpoint") == before


def test_without_a_checkpoint_nothing_more_is_planned(store):
    run = store.create_run(SPEC, queued=False)
    with pytest.raises(StoreError, match="has no checkpoint yet"):
        artifacts.plan_more_epochs(store, run.id, 3)


def test_examples_stay_as_they_are(store):
    example = Store(EXAMPLES, store.database.url).create_run(SPEC, "note-1")
    with pytest.raises(StoreError, match="the example note-1 ships with the app"):
        artifacts.check_trained_here(store.run(example.id))
    artifacts.check_trained_here(store.run(store.create_run(SPEC).id))
