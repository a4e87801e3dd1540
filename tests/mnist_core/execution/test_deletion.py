"""A run that is deleted while it trains."""

import pytest
import sqlalchemy as sa

from mnist_core.execution.runner import execute
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage import deletion
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import ARTIFACTS, BATCHES, EPOCHS
from mnist_core.utils.errors import MnistError


@pytest.fixture
def store(url) -> Store:
    return Store(url=url)


class Deleter:
    """Deletes its run after the first epoch."""

    def __init__(self, store: Store, run_id: int) -> None:
        self.store, self.run_id, self.epochs = store, run_id, 0

    def on_progress(self, progress) -> bool:
        return True

    def on_epoch(self, epoch, checkpoint) -> None:
        self.epochs = epoch.epoch
        if epoch.epoch == 1:
            deletion.delete(self.store, [self.run_id])


def test_a_deleted_run_ends_its_training_and_leaves_nothing(store):
    spec = Spec(
        network=parse("F"),
        training=Training(epochs=8, batch_size=500),
        split=Split(kind="none", limit=1000),
    )
    run = store.create_run(spec)
    deleter = Deleter(store, run.id)
    with pytest.raises(MnistError):  # its process finds no such run any more
        execute(store, run.id, deleter)
    assert deleter.epochs == 1
    assert store.runs() == []
    with store.database.read() as connection:
        for table in (EPOCHS, BATCHES, ARTIFACTS):
            assert connection.execute(sa.select(table)).all() == []
