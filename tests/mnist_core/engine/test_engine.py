"""The engine with real workers: a queue is worked off, and whatever dies comes back."""

import os
import signal
import threading
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.engine import engine as engine_module
from mnist_core.engine import worker_process
from mnist_core.engine.engine import Engine, EngineError
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs, queue
from mnist_core.execution.runner import predictor
from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Range, Space, Study, full_spec
from mnist_core.network.spec import Augmentation
from mnist_core.storage import leases
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from tests.helpers import wait_until
from tests.mnist_core.engine.real_workers import LONG, at_rest, schedulers, spec, workers

pytestmark = pytest.mark.slow
POSIX = pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")


@pytest.fixture(scope="module")
def engine_url(tmp_path_factory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('engine') / 'runs.db'}"


@pytest.fixture(scope="module")
def started_engine(engine_url):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNIST_DATABASE_URL", engine_url)
        made = Engine()
        made.start()
        yield made
        made.stop()


@pytest.fixture
def engine(started_engine, engine_url, monkeypatch) -> Engine:
    """The engine, ready, on a database that its tests share."""
    monkeypatch.setenv("MNIST_DATABASE_URL", engine_url)
    wait_until(lambda: started_engine.status().ready)
    return started_engine


@pytest.fixture
def store(engine) -> Store:
    return Store()


def test_the_status_says_that_a_server_is_slow(monkeypatch):
    monkeypatch.setattr(engine_module, "monotonic", lambda: 1031.0)
    engine: Any = Engine()  # that never starts, with a thread that is alive
    engine._thread, engine._last_ready = threading.current_thread(), 1029.0
    assert "takes a few seconds" in engine.status().words
    engine._last_ready = 1000.0
    assert "still starting" in engine.status().words
    engine._pool = SimpleNamespace(ready=True, ours=True, places=1)
    assert engine.status().words == "the worker is ready"
    engine._images_per_s = 871.3
    assert "slow: it trains on 870 images per second" in engine.status().words
    engine._pool.ours = False  # nobody measured the machines of a cluster
    assert engine.status().words == "the worker is ready"


def test_a_worker_that_is_too_slow_to_answer_is_said_to_be(engine, monkeypatch):
    monkeypatch.setattr(engine_module, "ANSWER_TIMEOUT_S", 0)
    with pytest.raises(EngineError, match="did not answer within 0 s: this server is slow"):
        engine.augmented(mnist.load().x_test[0], Augmentation(), 0, 1)


def test_a_queued_run_is_trained_and_then_answers(engine, store):
    run = store.create_run(spec())
    engine.wake()
    wait_until(lambda: at_rest(store, run))
    done = store.run(run.id)
    assert (done.state, done.epochs) == ("finished", 2)
    assert done.worker != leases.this_process()
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


def test_two_engines_on_one_database_do_each_job_once(engine, store, monkeypatch):
    asked = trained(engine, store)
    workers_of = engine._pool._client.scheduler.address  # type: ignore[union-attr]
    monkeypatch.setenv("DASK_SCHEDULER_ADDRESS", str(workers_of))
    other = Engine()
    other.start()
    try:
        wait_until(lambda: other.status().ready)
        for names in (("suspects", "embedding"), ("suspects",)):
            for name in names:
                jobs.enqueue(store, asked.id, name)
            engine.wake()
            other.wake()
            for name in names:
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
def test_a_killed_worker_costs_an_epoch_and_not_the_run_and_its_job_says_so(engine, store):
    asked = trained(engine, store)
    run = store.create_run(spec(epochs=25))
    engine.wake()
    wait_until(lambda: store.run(run.id).epochs >= 1)
    jobs.enqueue(store, asked.id, "tsne")
    engine.wake()
    wait_until(lambda: job_state(store, asked, "tsne") == "running")
    killed = store.run(run.id).worker or ""
    os.kill(int(killed.split(":")[1]), signal.SIGKILL)
    held = store.epochs(run.id)
    wait_until(lambda: job_state(store, asked, "tsne") == "failed")
    wait_until(lambda: at_rest(store, run))
    done = store.run(run.id)
    assert (done.state, done.epochs, done.lost) == ("finished", 25, 0)
    assert "its worker process died" in done.reason
    assert done.worker not in (None, killed)
    assert store.epochs(run.id)[: len(held)] == held
    jobs.enqueue(store, asked.id, "suspects")
    following = store.create_run(spec(epochs=1))
    engine.wake()
    wait_until(lambda: at_rest(store, following) and jobs.result(store, asked, "suspects"))
    assert store.run(following.id).state == "finished"


@POSIX
def test_a_killed_scheduler_is_begun_anew(engine, store):
    (first,) = schedulers()
    run = store.create_run(spec(epochs=20))
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


def test_where_memory_is_short_a_worker_ends_before_the_next_one_starts(engine, store, monkeypatch):
    wait_until(lambda: len(workers()) == 1)
    monkeypatch.setattr(worker_process, "ROOMY_BYTES", float("inf"))
    monkeypatch.setattr(worker_process, "GROWTH_BYTES", 0)
    trained(engine, store)
    seen, most = set[int](), 0

    def replaced() -> bool:
        nonlocal most
        now = {process.pid for process in workers()}
        seen.update(now)
        most = max(most, len(now))
        return len(seen) > 1

    wait_until(replaced)
    monkeypatch.setattr(worker_process, "GROWTH_BYTES", float("inf"))
    run = trained(engine, store)
    assert most == 1
    assert (run.state, run.lost) == ("finished", 0)


@POSIX
def test_a_worker_that_hangs_is_replaced(engine, store, monkeypatch):
    patience = worker_process.SILENT_S
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
    monkeypatch.setattr(worker_process, "SILENT_S", patience)
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


def test_a_study_is_stopped_and_gone_on_with(engine, store):
    space = Space(learning_rate=Range(low=1e-4, high=1e-1))
    wanted = Study(base=spec(epochs=7), space=space, trials=6, trial_epochs=5, pruning=False)
    group = studies.start(store, wanted)
    engine.wake()

    def states() -> list[str]:
        return [trial.state for trial in studies.read(store, group.id).trials]

    wait_until(lambda: states().count("complete") >= 2)
    studies.stop(store, group.id)
    wait_until(lambda: "running" not in states())
    assert studies.read(store, group.id).group.state == "stopped"
    studies.resume(store, group.id)
    engine.wake()
    wait_until(lambda: studies.read(store, group.id).group.state != "running")
    view = studies.read(store, group.id)
    assert (view.group.state, states()) == ("finished", ["complete"] * 6)
    known = studies.optuna_study(store, group.id).trials
    assert [t.value for t in known] == [trial.value for trial in view.trials]
    for trial in view.trials:
        run = store.run(trial.run_id)
        assert (run.epochs, run.test_accuracy) == (5, None)
        assert store.get(run.id, "predictions") is None
        assert store.get(run.id, "weights") is not None
    assert view.best
    assert full_spec(view.study, view.best.params).training.epochs == 7
