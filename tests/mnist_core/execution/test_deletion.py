"""A run that is deleted while it trains."""

import pytest

from mnist_core.execution.runner import execute
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage import deletion
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import MnistError


@pytest.fixture
def store(url) -> Store:
    return Store(url=url)


class Deleter:
    """Deletes its run after the first epoch."""

    def __init__(self, store: Store, run_id: int) -> None:
        self.store, self.run_id = store, run_id

    def on_progress(self, progress) -> bool:
        return True

    def on_epoch(self, epoch, checkpoint) -> None:
        if epoch.epoch == 1:
            deletion.delete(self.store, [self.run_id])


def test_a_run_that_trains_is_stopped_and_can_go_on_later(store):
    spec = Spec(
        network=parse("F"),
        training=Training(epochs=8, batch_size=500),
        split=Split(kind="none", limit=1000),
    )
    run = store.create_run(spec)
    with pytest.raises(MnistError):  # its process finds no such run any more
        execute(store, run.id, Deleter(store, run.id))
    assert store.runs() == []
    deletion.undo(store)
    back = store.run(run.id)
    assert (back.state, back.request) == ("stopped", None)
    assert "brought back" in back.reason
    assert 1 <= back.epochs < 8
    whole = execute(store, run.id)
    assert (whole.state, whole.epochs) == ("finished", 8)
    assert whole.test_accuracy is not None
