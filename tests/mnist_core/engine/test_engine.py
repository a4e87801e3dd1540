"""The engine with real workers: a queue is worked off, and whatever dies comes back."""

import os
import signal
import subprocess
import sys
from threading import Event
from typing import Any

import numpy as np
import psutil
import pytest

from mnist_core.dataset import mnist
from mnist_core.engine import engine as engine_module
from mnist_core.engine import worker_process
from mnist_core.engine.dask_pool import MEMORY_BYTES
from mnist_core.engine.engine import Engine, EngineError
from mnist_core.engine.status import OFF
from mnist_core.engine.worker_process import Processes
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs, queue
from mnist_core.execution.runner import predictor
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage.database import StoreError, default_url
from mnist_core.storage.runs import Store
from tests.helpers import wait_until
from tests.mnist_core.engine.real_workers import LONG, at_rest, schedulers, spec, workers

pytestmark = pytest.mark.slow
POSIX = pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")


@pytest.fixture(scope="module")
def url(tmp_path_factory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('engine') / 'runs.db'}"


@pytest.fixture(autouse=True)
def _own_database(url, monkeypatch):
    monkeypatch.setenv("MNIST_DATABASE_URL", url)


@pytest.fixture(scope="module")
def engine(url):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_DATABASE_URL", url)
        made = Engine()
        made.start()
        yield made
        made.stop()


@pytest.fixture
def store(engine) -> Store:
    wait_until(lambda: engine.status().ready)
    return Store()


def test_a_queued_run_is_trained_and_then_answers(engine, store):
    run = store.create_run(spec())
    engine.wake()
    wait_until(lambda: at_rest(store, run))
    done = store.run(run.id)
    assert (done.state, done.epochs) == ("finished", 2)
    assert done.worker != queue.this_process()
    images = mnist.load().x_test[:50]
    answer = engine.probabilities("local", done, images)
    np.testing.assert_allclose(answer, predictor(store, run.id).probabilities(images), atol=1e-6)


def test_one_trains_at_a_time_the_others_keep_their_places(engine, store):
    first, second, third = (store.create_run(spec(epochs=3)) for _ in range(3))
    engine.wake()
    running = set()

    def all_done() -> bool:
        states = {run.id: store.run(run.id) for run in (first, second, third)}
        now = [r for r in states.values() if r.state == "running"]
        assert len(now) <= 1
        running.update(r.id for r in now)
        return all(r.state == "finished" for r in states.values())

    wait_until(all_done)
    starts = [store.run(run.id).started_at for run in (first, second, third)]
    assert starts == sorted(starts, key=lambda start: start.timestamp() if start else 0)


def test_a_run_is_paused_goes_on_and_is_stopped_while_another_is_asked(engine, store):
    asked = store.create_run(spec())
    engine.wake()
    wait_until(lambda: at_rest(store, asked))
    run = store.create_run(LONG)
    engine.wake()
    wait_until(lambda: store.run(run.id).epochs >= 1)
    answer = engine.probabilities("local", store.run(asked.id), mnist.load().x_test[:1])
    assert store.run(run.id).state == "running"
    assert answer.sum() == pytest.approx(1, abs=1e-5)
    queue.send_request(store, run.id, "pause")
    wait_until(lambda: at_rest(store, run))
    paused = store.run(run.id)
    assert paused.state == "paused"
    queue.enqueue(store, run.id)
    engine.wake()
    wait_until(lambda: store.run(run.id).epochs > paused.epochs)
    queue.send_request(store, run.id, "stop")
    wait_until(lambda: at_rest(store, run))
    stopped = store.run(run.id)
    assert stopped.state == "stopped"
    assert stopped.test_accuracy is not None


def test_a_job_is_done_beside_a_training(engine, store):
    asked = trained(engine, store)
    busy = store.create_run(LONG)
    engine.wake()
    wait_until(lambda: store.run(busy.id).state == "running")
    jobs.enqueue(store, asked.id, "suspects")
    engine.wake()
    wait_until(lambda: jobs.result(store, asked, "suspects"))
    assert store.run(busy.id).state == "running"
    queue.send_request(store, busy.id, "stop")
    wait_until(lambda: at_rest(store, busy))


def test_after_a_cancelled_job_comes_the_next(engine, store):
    asked = trained(engine, store)
    for name in ("tsne", "suspects"):
        jobs.enqueue(store, asked.id, name)
    engine.wake()
    wait_until(lambda: job_state(store, asked, "tsne") == "running")
    jobs.cancel(store, asked.id, "tsne")
    wait_until(lambda: jobs.result(store, asked, "suspects"))
    assert jobs.result(store, asked, "tsne") is None


@POSIX
def test_a_job_whose_worker_is_killed_says_so_and_the_next_one_is_done(engine, store):
    asked = trained(engine, store)
    jobs.enqueue(store, asked.id, "tsne")
    engine.wake()
    wait_until(lambda: job_state(store, asked, "tsne") == "running")
    job = jobs.find(store, asked.id, "tsne")
    assert job is not None
    os.kill(int((job.worker or "").split(":")[1]), signal.SIGKILL)
    wait_until(lambda: job_state(store, asked, "tsne") == "failed")
    jobs.enqueue(store, asked.id, "suspects")
    wait_until(lambda: jobs.result(store, asked, "suspects"))


def test_two_engines_on_one_database_do_each_job_once(engine, store, url):
    asked = trained(engine, store)
    other = Engine()
    other.start()
    try:
        wait_until(lambda: other.status().ready)
        for _ in range(2):
            for name in ("suspects", "robustness"):
                jobs.enqueue(store, asked.id, name)
            engine.wake()
            other.wake()
            for name in ("suspects", "robustness"):
                wait_until(lambda name=name: job_state(store, asked, name) in (None, "failed"))
                assert job_state(store, asked, name) is None
    finally:
        other.stop()


def test_what_a_worker_refuses_is_refused_here(engine, store):
    run = store.create_run(spec(), queued=False)
    with pytest.raises(StoreError, match="no trained weights yet"):
        engine.probabilities("local", run, mnist.load().x_test[:1])


def trained(engine: Engine, store: Store) -> Run:
    """A run that is over."""
    run = store.create_run(spec(epochs=1))
    engine.wake()
    wait_until(lambda: at_rest(store, run))
    return store.run(run.id)


def job_state(store: Store, run: Run, name: str) -> str | None:
    job = jobs.find(store, run.id, name)
    return job and job.state


@POSIX
def test_a_killed_worker_costs_an_epoch_and_not_the_run(engine, store):
    run = store.create_run(spec("C32 M C64 M F D128", epochs=12))
    engine.wake()
    wait_until(lambda: store.run(run.id).epochs >= 1)
    pid = int((store.run(run.id).worker or "").split(":")[1])
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: store.run(run.id).worker not in (None, "") and store.run(run.id).lost == 0
               and str(pid) not in (store.run(run.id).worker or ""))  # fmt: skip
    wait_until(lambda: at_rest(store, run))
    done = store.run(run.id)
    assert (done.state, done.epochs) == ("finished", 12)
    assert "its worker process died" in done.reason
    following = store.create_run(spec())
    engine.wake()
    wait_until(lambda: at_rest(store, following))
    assert store.run(following.id).state == "finished"


@POSIX
def test_a_killed_scheduler_is_begun_anew(engine, store):
    (first,) = schedulers()
    run = store.create_run(spec("C32 M C64 M F D128", epochs=8))
    engine.wake()
    wait_until(lambda: store.run(run.id).epochs >= 1)
    first.kill()
    wait_until(lambda: at_rest(store, run))
    assert store.run(run.id).state == "finished"
    wait_until(lambda: len(schedulers()) == 1)
    assert schedulers() != [first]


def test_a_worker_is_replaced_by_one_that_is_already_warm(engine, store, monkeypatch):
    monkeypatch.setattr(worker_process, "GROWTH_BYTES", 0)
    before = {process.pid for process in workers()}
    asked = store.create_run(spec(epochs=1))
    engine.wake()
    wait_until(lambda: at_rest(store, asked))

    def replaced() -> bool:
        assert engine.status().ready  # at no time is there nobody
        return not before & {process.pid for process in workers()}

    wait_until(replaced)
    monkeypatch.setattr(worker_process, "GROWTH_BYTES", 1e9)
    assert engine.probabilities("local", store.run(asked.id), mnist.load().x_test[:1]).shape == (
        1,
        10,
    )
    following = store.create_run(spec(epochs=1))
    engine.wake()
    wait_until(lambda: at_rest(store, following))
    assert store.run(following.id).state == "finished"


@POSIX
def test_a_worker_that_hangs_is_replaced(engine, store, monkeypatch):
    monkeypatch.setattr(worker_process, "SILENT_S", 1)
    wait_until(lambda: len(workers()) == 1)
    (hung,) = workers()
    cut_short = store.create_run(LONG)
    engine.wake()
    wait_until(lambda: store.run(cut_short.id).epochs >= 1)
    hung.suspend()  # it neither works nor ends: nothing but SIGKILL reaches it
    held = store.epochs(cut_short.id)
    client = engine._pool._client  # type: ignore[union-attr]
    wait_until(lambda: not client.run_on_scheduler(leave_out_the_silent))
    wait_until(lambda: [w.pid for w in workers()] not in ([], [hung.pid]))
    assert not hung.is_running()
    wait_until(lambda: store.run(cut_short.id).epochs > len(held))
    assert store.epochs(cut_short.id)[: len(held)] == held
    queue.send_request(store, cut_short.id, "stop")
    wait_until(lambda: at_rest(store, cut_short))
    run = store.create_run(spec(epochs=1))
    engine.wake()
    wait_until(lambda: at_rest(store, run))
    assert store.run(run.id).state == "finished"


async def leave_out_the_silent(dask_scheduler: Any) -> int:
    """Look now, and with less patience, for workers that are silent; returns how many are left."""
    dask_scheduler.worker_ttl = 1
    await dask_scheduler.check_worker_ttl()
    dask_scheduler.worker_ttl = 60
    return len(dask_scheduler.workers)


def test_the_machine_is_measured(engine, store):
    wait_until(lambda: engine.speed())
    assert engine.speed().units_per_s > 0


def test_an_engine_that_is_off_says_so():
    run = Store().create_run(spec(), queued=False)
    with pytest.raises(EngineError, match="the engine is off"):
        Engine().probabilities("local", run, np.zeros((1, 28, 28), np.uint8))


@POSIX
def test_a_run_that_eats_the_memory_fails_with_a_reason_and_the_next_one_keeps_its_epochs(
    tmp_path, monkeypatch
):
    monkeypatch.setenv("MNIST_DATABASE_URL", f"sqlite:///{tmp_path / 'memory.db'}")
    store = Store()
    greedy = Spec(
        network=parse("C64same C64same M F D16"),
        training=Training(batch_size=4096),
        split=Split(kind="none", limit=20_000),
    )
    small = Engine(memory_bytes=1600 * 2**20)
    run, following = store.create_run(greedy), store.create_run(LONG)
    small.start()
    try:
        wait_until(lambda: store.run(run.id).lost == 1, 120)
        assert "killed, or out of memory" in store.run(run.id).reason
        wait_until(lambda: at_rest(store, run), 120)
        assert store.run(run.id).state == "failed"
        assert "most likely for want of memory" in store.run(run.id).reason
        wait_until(lambda: store.run(following.id).epochs >= 2)
        most = small._pool._processes  # type: ignore[union-attr]
        held, most.memory_bytes = store.epochs(following.id), 1  # type: ignore[union-attr]
        wait_until(lambda: store.run(following.id).lost == 1)
        assert store.epochs(following.id)[: len(held)] == held
        most.memory_bytes = 1600 * 2**20  # type: ignore[union-attr]
        kept = store.epochs(following.id)
        wait_until(lambda: store.run(following.id).epochs > len(kept))
        assert store.epochs(following.id)[: len(kept)] == kept
        assert [epoch.epoch for epoch in kept] == [*range(1, len(kept) + 1)]
    finally:
        small.stop()


@POSIX
def test_nothing_outlives_a_killed_server(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DATABASE_URL", f"sqlite:///{tmp_path / 'killed.db'}")
    run = Store().create_run(LONG)
    code = "from mnist_core.engine.engine import Engine\nEngine().start()\ninput()"
    server = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    wait_until(lambda: Store().run(run.id).epochs >= 1)
    family = psutil.Process(server.pid).children(recursive=True)
    assert len(family) == 2  # scheduler, worker
    server.kill()
    server.communicate()
    _, alive = psutil.wait_procs(family, timeout=30)
    assert alive == []
    assert queue.is_abandoned(Store().run(run.id))


def test_a_stopped_server_goes_on_at_the_next_start_and_blames_nobody(tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DATABASE_URL", f"sqlite:///{tmp_path / 'stopped.db'}")
    store = Store()
    run = store.create_run(spec("C32 M C64 M F D128", epochs=6))
    for _ in range(2):  # twice in a row: a loss would count
        server = Engine()
        server.start()
        before = store.run(run.id).epochs
        wait_until(lambda before=before: store.run(run.id).epochs > before)
        server.stop()
        left = store.run(run.id)
        if left.state != "finished":
            assert (left.state, left.lost) == ("queued", 0)
            assert "the server was stopped" in left.reason


def test_a_scheduler_that_does_not_start_leaves_nothing_behind(monkeypatch):
    monkeypatch.setattr(worker_process, "START_TIMEOUT_S", 0)
    before = {process.pid for process in psutil.Process().children()}
    with pytest.raises(worker_process.ProcessesError, match="did not start"):
        Processes(default_url(), MEMORY_BYTES)
    assert {process.pid for process in psutil.Process().children()} == before


def test_trouble_with_the_database_does_not_end_the_engine(tmp_path, monkeypatch):
    monkeypatch.setattr(engine_module, "AFTER_TROUBLE_S", 0.2)
    path = tmp_path / "trouble" / "runs.db"
    monkeypatch.setenv("MNIST_DATABASE_URL", f"sqlite:///{path}")
    path.parent.mkdir()
    path.write_bytes(b"this is no database" * 100)
    patient = Engine()
    patient.start()
    Event().wait(1)
    assert not patient.status().ready
    assert patient.status() != OFF
    path.unlink()
    run = Store().create_run(spec())
    wait_until(lambda: at_rest(Store(), run))
    patient.stop()
    assert Store().run(run.id).state == "finished"
