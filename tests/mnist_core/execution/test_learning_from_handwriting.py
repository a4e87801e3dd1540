"""Runs that learn from a class's handwriting, through the store: resumed, and refused."""

import numpy as np
import pytest

from mnist_core.evaluation.history import Epoch, Progress
from mnist_core.execution.runner import execute
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage import artifacts, handwriting
from mnist_core.storage.handwriting import CollectionError
from mnist_core.storage.runs import Store
from tests.mnist_core.digit_sets import sample

NAME = "last year"


class StopAfterOneEpoch:
    """Asks a run to stop when its first epoch is over."""

    def __init__(self) -> None:
        self.over = False

    def on_progress(self, progress: Progress) -> bool:
        return not self.over

    def on_epoch(self, epoch: Epoch, checkpoint: object) -> None:
        self.over = True


@pytest.fixture
def store(url) -> Store:
    store = Store("a", url)
    handwriting.add_set(store, NAME, sample(200, 5))
    return store


def spec(store: Store) -> Spec:
    own = handwriting.choose_to_learn(store, NAME)
    split = Split(kind="none", limit=100, handwriting=own)
    return Spec(network=parse("C2 M F"), training=Training(epochs=3, batch_size=20), split=split)


def test_a_stopped_run_goes_on_as_if_nothing_had_happened(store):
    whole = execute(store, store.create_run(spec(store)).id)
    left = execute(store, store.create_run(spec(store)).id, StopAfterOneEpoch())
    assert left.epochs < 3
    handwriting.add_set(store, "this year", sample(50, 5))
    resumed = execute(store, left.id)
    assert (resumed.epochs, resumed.state) == (3, "finished")
    expected, found = (artifacts.load_weights(store, run.id) for run in (whole, resumed))
    for name, array in found.items():
        np.testing.assert_array_equal(array, expected[name])


def test_a_run_whose_digits_were_deleted_fails_with_a_reason(store):
    run = store.create_run(spec(store))
    handwriting.remove(store, handwriting.ids(store, NAME))
    with pytest.raises(CollectionError):
        execute(store, run.id)
    failed = store.run(run.id)
    assert failed.state == "failed"
    assert "some of the 160 handwritten digits to learn from are missing" in failed.reason
