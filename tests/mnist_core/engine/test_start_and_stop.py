"""An engine from its start to its stop, and what it does where memory or the database fails."""

import os
import subprocess
import sys
from threading import Event

import numpy as np
import psutil
import pytest

from mnist_core.engine import engine as engine_module
from mnist_core.engine import worker_process
from mnist_core.engine.dask_pool import Pool
from mnist_core.engine.engine import Engine, EngineError
from mnist_core.engine.status import OFF
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage import leases
from mnist_core.storage.database import default_url
from mnist_core.storage.runs import Store
from tests.helpers import wait_until
from tests.mnist_core.engine.real_workers import LONG, at_rest, spec

pytestmark = pytest.mark.slow
POSIX = pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")


def test_an_engine_that_is_off_says_so():
    run = Store().create_run(spec(), queued=False)
    with pytest.raises(EngineError, match="no worker is running"):
        Engine().probabilities("local", run, np.zeros((1, 28, 28), np.uint8))


@POSIX
def test_a_run_that_eats_the_memory_fails_with_a_reason_and_the_next_one_keeps_its_epochs():
    store = Store()
    greedy = Spec(
        network=parse("C64same C64same M F D16"),
        training=Training(batch_size=4096),
        split=Split(kind="none", limit=20_000),
    )
    small = Engine(memory_bytes=1600 * 2**20)
    run, following = store.create_run(greedy), store.create_run(LONG)
    store.update(run.id, lost=1)  # its second loss is its last
    small.start()
    try:
        wait_until(lambda: at_rest(store, run), 120)
        assert store.run(run.id).state == "failed"
        assert "most likely out of memory" in store.run(run.id).reason
        wait_until(lambda: store.run(following.id).epochs >= 2)
        most = small._pool._processes  # type: ignore[union-attr]
        held, most.memory_bytes = store.epochs(following.id), 1  # type: ignore[union-attr]
        wait_until(lambda: store.run(following.id).lost == 1)
        assert "killed, or out of memory" in store.run(following.id).reason
        assert store.epochs(following.id)[: len(held)] == held
        most.memory_bytes = 1600 * 2**20  # type: ignore[union-attr]
        kept = store.epochs(following.id)
        wait_until(lambda: store.run(following.id).epochs > len(kept))
        assert store.epochs(following.id)[: len(kept)] == kept
        assert [epoch.epoch for epoch in kept] == [*range(1, len(kept) + 1)]
    finally:
        small.stop()


def test_a_scheduler_that_does_not_start_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(worker_process, "START_TIMEOUT_S", 0)
    before = {process.pid for process in psutil.Process().children()}
    with pytest.raises(worker_process.ProcessesError, match="did not start"):
        Pool(default_url(), None, *[lambda: None] * 2)
    assert {process.pid for process in psutil.Process().children()} == before


@POSIX
def test_a_run_outlives_its_servers_and_nothing_else_does(tmp_path, monkeypatch):
    """A server that waits for its database, trains and is stopped; then one that is killed."""
    monkeypatch.setattr(engine_module, "AFTER_TROUBLE_S", 0.2)
    path = tmp_path / "trouble" / "runs.db"
    monkeypatch.setenv("MNIST_DATABASE_URL", f"sqlite:///{path}")
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 100)
    first = Engine()
    first.start()
    try:
        Event().wait(1)
        assert not first.status().ready
        assert first.status() != OFF
        path.unlink()
        store = Store()
        run = store.create_run(LONG)
        wait_until(lambda: store.run(run.id).epochs >= 1)
    finally:
        first.stop()
    stopped = store.run(run.id)
    assert (stopped.state, stopped.lost) == ("queued", 0)
    assert "the server was stopped" in stopped.reason

    code = "from mnist_core.engine.engine import Engine\nEngine().start()\ninput()"
    second = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    try:
        wait_until(lambda: store.run(run.id).epochs > stopped.epochs)
        family = psutil.Process(second.pid).children(recursive=True)
        assert len(family) == 2  # scheduler, worker
    finally:
        second.kill()
        second.communicate()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    assert leases.is_abandoned(store.run(run.id))
    assert store.run(run.id).lost == 0
