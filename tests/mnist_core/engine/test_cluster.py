"""A study on a cluster: PostgreSQL, a scheduler, and two workers.

One passes for a worker of another machine, and is killed.
"""

import os
from collections.abc import Iterator

import pytest

from mnist_core.engine.engine import Engine
from mnist_core.evaluation.run import Run
from mnist_core.execution import queue
from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Range, Space, Study
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage import leases
from mnist_core.storage.runs import Store
from tests.cluster import Cluster, cluster
from tests.helpers import wait_until

pytestmark = pytest.mark.slow
TRIALS, EPOCHS = 12, 2
SPEC = Spec(
    network=parse("C8 M F"),
    training=Training(epochs=EPOCHS),
    split=Split(kind="last", count=500, limit=2000),
)
BATCHES = 12  # an epoch: 1,500 images in batches of 128


@pytest.fixture
def workers(postgresql_database, monkeypatch) -> Iterator[Cluster]:
    with cluster(postgresql_database, "one") as made:
        made.start_worker("far", "--preload", "tests.mnist_core.engine.elsewhere")
        made.wait_for_workers(2)
        monkeypatch.setitem(os.environ, "MNIST_DATABASE_URL", postgresql_database)
        monkeypatch.setitem(os.environ, "DASK_SCHEDULER_ADDRESS", made.address)
        yield made


@pytest.fixture
def engine(workers) -> Iterator[Engine]:
    made = Engine()
    made.start()
    wait_until(lambda: made.status().ready)
    yield made
    made.stop()


def pid(run: Run) -> int:
    """The number of the process that trains or trained a run."""
    return int((run.worker or "::").split(":")[1])


def test_no_trial_is_lost_or_counted_twice_when_a_worker_dies(workers, engine):
    store = Store()
    space = Space(learning_rate=Range(low=1e-4, high=1e-2))
    study = Study(base=SPEC, space=space, trials=TRIALS, trial_epochs=EPOCHS, pruning=False)
    group = studies.start(store, study)
    engine.wake()
    numbers = {name: workers.processes(name) for name in workers.workers}

    def through(name: str) -> bool:
        runs = store.runs(group.id)
        return any(run.state == "finished" and pid(run) in numbers[name] for run in runs)

    wait_until(lambda: through("one") and through("far"))
    victim: list[Run] = []

    def caught() -> bool:
        victim.extend(
            run
            for run in store.runs(group.id)
            if run.state == "running" and not run.epochs and pid(run) in numbers["far"]
        )
        return bool(victim)

    wait_until(caught)
    assert (victim[0].worker or "").startswith("elsewhere:")
    workers.kill("far")
    wait_until(lambda: store.run(victim[0].id).lost == 1, leases.LEASE.seconds / 10)
    assert "its worker process died" in store.run(victim[0].id).reason
    wait_until(lambda: studies.read(store, group.id).group.state == "finished")

    view = studies.read(store, group.id)
    assert [trial.number for trial in view.trials] == list(range(TRIALS))
    assert {trial.state for trial in view.trials} == {"complete"}
    assert view.best in view.trials
    runs = store.runs(group.id)
    assert len(runs) == TRIALS
    assert {pid(run) in numbers["one"] | numbers["far"] for run in runs} == {True}
    for run in runs:
        assert [epoch.epoch for epoch in store.epochs(run.id)] == [1, 2]
        assert len(store.batches(run.id)[0]) == EPOCHS * BATCHES
    again = store.run(victim[0].id)
    assert (again.state, pid(again) in numbers["one"]) == ("finished", True)

    told = studies.optuna_study(store, group.id).trials
    assert [trial.number for trial in told] == list(range(TRIALS))
    assert {trial.state.name for trial in told} == {"COMPLETE"}
    values = {trial.number: trial.value for trial in view.trials}
    assert {trial.number: trial.value for trial in told} == pytest.approx(values)
    assert queue.waiting() == queue.running() == []
