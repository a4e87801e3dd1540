"""Workers of a cluster that others started."""

from collections.abc import Iterator

import pytest

from mnist_core.engine.engine import Engine
from mnist_core.engine.worker_process import Processes
from mnist_core.storage.runs import Store
from tests.helpers import wait_until
from tests.mnist_core.engine.real_workers import at_rest, spec

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def started_cluster(tmp_path_factory) -> Iterator[Processes]:
    """A scheduler and a worker that no engine started, with a database of their own."""
    cluster = Processes(f"sqlite:///{tmp_path_factory.mktemp('cluster') / 'runs.db'}")
    cluster.start_worker("one")
    yield cluster
    cluster.stop()


@pytest.fixture
def guest(started_cluster, monkeypatch) -> Iterator[Engine]:
    """An engine that uses the cluster."""
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", started_cluster.address())
    engine = Engine()
    yield engine
    engine.stop()


def test_a_cluster_that_is_running_is_used_and_left_alone(started_cluster, guest, monkeypatch):
    monkeypatch.setenv("MNIST_DATABASE_URL", started_cluster.url)
    guest.start()
    store = Store()
    run = store.create_run(spec())
    wait_until(lambda: at_rest(store, run))
    guest.stop()
    assert store.run(run.id).state == "finished"
    assert started_cluster.alive
    assert started_cluster.running("one")


def test_a_worker_that_cannot_find_a_run_does_not_try_for_ever(guest):
    run = Store().create_run(spec())  # in a database that the cluster does not use
    guest.start()
    wait_until(lambda: Store().run(run.id).state == "failed")
    assert "does it use the same MNIST_DATABASE_URL?" in Store().run(run.id).reason
