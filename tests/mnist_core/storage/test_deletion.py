"""Deletion that can be undone once, and what it does to runs that are under way."""

import pytest
import sqlalchemy as sa

from mnist_core.evaluation.history import Epoch
from mnist_core.execution import queue
from mnist_core.network import presets
from mnist_core.storage import deletion, groups
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import EPOCHS, RUNS
from mnist_core.storage.workspaces import EXAMPLES


@pytest.fixture
def store(url) -> Store:
    return Store(url=url)


def make(store: Store, queued: bool = False, **columns):
    run = store.create_run(presets.find("note-5"), queued=queued)
    store.update(run.id, **columns)
    return store.run(run.id)


def rows(store: Store) -> set[int]:
    """All that is in the database, deleted or not."""
    with store.database.read() as connection:
        return set(connection.scalars(sa.select(RUNS.c.id)))


def test_undo_brings_back_what_was_deleted_as_it_was(store):
    runs = [make(store, state="finished", name=f"{n}", test_accuracy=0.9) for n in range(3)]
    store.record_epoch(runs[0].id, Epoch(1, 0.5, 0.8, 0.4, 0.9, 1e-3, 2.0), b"kept")
    before = [store.run(run.id) for run in runs]
    assert deletion.last_deleted(store) == []
    assert deletion.delete(store, [runs[0].id, runs[2].id]) == 2
    assert [run.id for run in store.runs()] == [runs[1].id]
    assert deletion.last_deleted(store) == [runs[0].id, runs[2].id]
    assert deletion.undo(store) == 2
    assert [store.run(run.id) for run in runs] == before
    assert store.get(runs[0].id, "checkpoint") == b"kept"
    assert deletion.last_deleted(store) == []
    assert deletion.undo(store) == 0


def test_only_the_last_deletion_can_be_undone(store):
    first, second = make(store), make(store)
    store.record_epoch(first.id, Epoch(1, 0.5, 0.8, None, None, 1e-3, 2.0), b"")
    deletion.delete(store, [first.id])
    deletion.delete(store, [second.id])
    assert rows(store) == {second.id}
    with store.database.read() as connection:
        assert connection.execute(sa.select(EPOCHS)).all() == []  # its epochs went along
    assert deletion.undo(store) == 1
    assert [run.id for run in store.runs()] == [second.id]


def test_deleting_nothing_keeps_the_way_back(store):
    run = make(store)
    deletion.delete(store, [run.id])
    assert deletion.delete(store, []) == 0
    assert deletion.last_deleted(store) == [run.id]


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
    with pytest.raises(StoreError, match=f"run {bad} "):
        deletion.delete(store, [good.id, bad])
    assert store.run(good.id) == good
    assert deletion.last_deleted(store) == [earlier.id]


def test_other_workspaces_have_their_own_trash(store, url):
    other = Store("somebody", url)
    mine, theirs = make(store), make(other)
    deletion.delete(other, [theirs.id])
    deletion.delete(store, [mine.id])
    assert (deletion.last_deleted(store), deletion.last_deleted(other)) == ([mine.id], [theirs.id])
    assert deletion.undo(store) == 1
    with pytest.raises(StoreError):
        other.run(mine.id)


def test_a_run_that_waits_leaves_the_queue_and_comes_back_stopped(store, url):
    run = make(store, queued=True)
    deletion.delete(store, [run.id])
    assert queue.waiting(url) == []
    deletion.undo(store)
    back = store.run(run.id)
    assert back.state == "stopped"
    assert "brought back" in back.reason
    assert queue.waiting(url) == []
    queue.enqueue(store, run.id)
    assert store.run(run.id).state == "queued"


def test_a_paused_trial_comes_back_stopped(store):
    study = groups.create(store, "study", "wide", state="stopped")
    spec = presets.find("note-5")
    trial = store.create_run(spec, group_id=study.id, trial=0, state="paused")
    other = make(store, state="paused")
    deletion.delete(store, [trial.id, other.id])
    deletion.undo(store)
    assert store.run(trial.id).state == "stopped"
    assert "brought back" in store.run(trial.id).reason
    assert store.run(other.id).state == "paused"


def test_trials_of_a_study_that_goes_on_stay(store):
    study = groups.create(store, "study", "wide", state="running")
    seeds = groups.create(store, "repeat", "seeds")
    trial = store.create_run(presets.find("note-5"), group_id=study.id, trial=0)
    seed = store.create_run(presets.find("note-5"), group_id=seeds.id)
    with pytest.raises(StoreError, match="stop the study first"):
        deletion.delete(store, [trial.id, seed.id])
    groups.update_if(store, study, {}, state="stopped")
    assert deletion.delete(store, [trial.id, seed.id]) == 2
    groups.delete(store, study.id)  # a group takes its runs along for good
    assert deletion.last_deleted(store) == [seed.id]


def test_a_run_that_is_gone_for_good_ends_its_training(store):
    run, other = make(store, queued=True), make(store)
    queue.claim(store, run.id)
    deletion.delete(store, [run.id])
    deletion.delete(store, [other.id])
    with pytest.raises(StoreError):
        store.record_epoch(run.id, Epoch(1, 0.5, 0.8, None, None, 1e-3, 2.0), b"")
