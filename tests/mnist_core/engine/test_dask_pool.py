"""Workers where memory is short, and workers of a cluster that others started."""

import pytest

from mnist_core.engine import dask_pool, worker_process
from mnist_core.engine.dask_pool import MEMORY_BYTES
from mnist_core.engine.engine import Engine
from mnist_core.engine.worker_process import Processes
from mnist_core.storage.database import default_url
from mnist_core.storage.runs import Store
from tests.helpers import wait_until
from tests.mnist_core.engine.real_workers import at_rest, command_line, spec, workers

pytestmark = pytest.mark.slow


def test_where_memory_is_short_a_worker_ends_before_the_next_one_starts(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DATABASE_URL", f"sqlite:///{tmp_path / 'narrow.db'}")
    monkeypatch.setattr(dask_pool, "ROOMY_BYTES", float("inf"))
    narrow = Engine()
    narrow.start()
    try:
        wait_until(lambda: narrow.speed())
        address = str(narrow._pool._client.scheduler.address)  # type: ignore[union-attr]
        monkeypatch.setattr(worker_process, "GROWTH_BYTES", 0)
        runs = [Store().create_run(spec(epochs=1)) for _ in range(2)]
        seen, most = set(), 0

        def over() -> bool:
            nonlocal most
            now = {process.pid for process in workers() if address in command_line(process)}
            seen.update(now)
            most = max(most, len(now))
            return all(at_rest(Store(), run) for run in runs) and len(seen) > 1

        wait_until(over)
        assert most == 1
        assert {Store().run(run.id).state for run in runs} == {"finished"}
        assert {Store().run(run.id).lost for run in runs} == {0}
    finally:
        narrow.stop()


def test_a_cluster_that_is_running_is_used_and_left_alone(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DATABASE_URL", f"sqlite:///{tmp_path / 'cluster.db'}")
    cluster = Processes(default_url(), MEMORY_BYTES)
    try:
        cluster.start_worker("one")
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.address)
        guest = Engine()
        guest.start()
        store = Store()
        run = store.create_run(spec())
        wait_until(lambda: at_rest(store, run))
        guest.stop()
        assert store.run(run.id).state == "finished"
        assert cluster.alive
        assert cluster.running("one")
    finally:
        cluster.stop()


def test_a_worker_that_cannot_find_a_run_does_not_try_for_ever(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DATABASE_URL", f"sqlite:///{tmp_path / 'theirs.db'}")
    cluster = Processes(default_url(), MEMORY_BYTES)
    try:
        cluster.start_worker("one")
        monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", cluster.address)
        monkeypatch.setenv("MNIST_DATABASE_URL", f"sqlite:///{tmp_path / 'ours.db'}")
        run = Store().create_run(spec())
        guest = Engine()
        guest.start()
        wait_until(lambda: Store().run(run.id).state == "failed")
        guest.stop()
        assert "does it use the same MNIST_DATABASE_URL?" in Store().run(run.id).reason
    finally:
        cluster.stop()
