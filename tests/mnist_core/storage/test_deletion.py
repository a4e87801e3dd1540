"""Deletion of runs, and what it does to runs that are under way."""

import pytest
import sqlalchemy as sa

from mnist_core.evaluation.history import Epoch
from mnist_core.execution import queue
from mnist_core.network import presets
from mnist_core.storage import deletion, groups
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import ARTIFACTS, EPOCHS, RUNS
from mnist_core.storage.workspaces import EXAMPLES


@pytest.fixture
def store(url) -> Store:
    return Store(url=url)


def make(store: Store, queued: bool = False, **columns):
    run = store.create_run(presets.find("note-5"), queued=queued)
    store.update(run.id, **columns)
    return store.run(run.id)


def rows(store: Store) -> set[int]:
    """All that is in the database."""
    with store.database.read() as connection:
        return set(connection.scalars(sa.select(RUNS.c.id)))


@pytest.mark.both_databases
def test_a_deleted_run_takes_all_of_it_along(store):
    runs = [make(store, state="finished", name=f"{n}", test_accuracy=0.9) for n in range(3)]
    for run in runs:
        store.record_epoch(run.id, Epoch(1, 0.5, 0.8, 0.4, 0.9, 1e-3, 2.0), b"kept")
    kept = store.run(runs[1].id)
    assert deletion.delete(store, [runs[0].id, runs[2].id]) == 2
    assert store.runs() == [kept]
    assert rows(store) == {kept.id}
    with store.database.read() as connection:
        for table in (EPOCHS, ARTIFACTS):
            assert connection.scalars(sa.select(table.c.run_id)).all() == [kept.id]


def test_deleting_nothing_changes_nothing(store):
    run = make(store)
    assert deletion.delete(store, []) == 0
    assert store.runs() == [run]


@pytest.mark.parametrize("kind", ["pinned", "example", "foreign", "deleted", "unknown"])
def test_all_or_none(store, url, kind):
    good, earlier = make(store), make(store)
    deletion.delete(store, [earlier.id])
    bad = {
        "pinned": lambda: make(store, pinned=True).id,
        "example": lambda: make(Store(EXAMPLES, url)).id,
        "foreign": lambda: make(Store("somebody", url)).id,
        "deleted": lambda: earlier.id,
        "unknown": lambda: 999,
    }[kind]()
    before = rows(store)
    with pytest.raises(StoreError, match=r"run 3 is pinned|and 1 of these is not"):
        deletion.delete(store, [good.id, bad])
    assert store.run(good.id) == good
    assert rows(store) == before


def test_a_run_that_waits_leaves_the_queue(store, url):
    run = make(store, queued=True)
    deletion.delete(store, [run.id])
    assert queue.waiting(url) == []


def test_trials_of_a_study_that_goes_on_stay(store):
    study = groups.create(store, "study", "wide", state="running")
    seeds = groups.create(store, "repeat", "seeds")
    trial = store.create_run(presets.find("note-5"), group_id=study.id, trial=0)
    seed = store.create_run(presets.find("note-5"), group_id=seeds.id)
    with pytest.raises(StoreError, match="stop the study first"):
        deletion.delete(store, [trial.id, seed.id])
    groups.update_if(store, study, {}, state="stopped")
    assert deletion.delete(store, [trial.id, seed.id]) == 2


def test_a_deleted_run_ends_its_training(store):
    run = make(store, queued=True)
    queue.claim(store, run.id)
    deletion.delete(store, [run.id])
    with pytest.raises(StoreError):
        store.record_epoch(run.id, Epoch(1, 0.5, 0.8, None, None, 1e-3, 2.0), b"")
