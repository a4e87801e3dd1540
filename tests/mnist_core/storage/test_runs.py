"""Runs in a database: kept whole, kept apart, written by several processes at once."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import numpy as np
import pytest
import sqlalchemy as sa

from mnist_core.execution.queue import waiting
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.network.value import SpecError
from mnist_core.storage import deletion, groups
from mnist_core.storage.database import Database, StoreError
from mnist_core.storage.runs import Store
from tests.mnist_core.storage.records import SPEC, epoch, progress


@pytest.mark.both_databases
def test_a_run_comes_back_as_it_was_written(url):
    store = Store(url=url)
    run = store.create_run(SPEC, "mine")
    assert (run.spec, run.state, run.planned, run.parameters) == (SPEC, "queued", 5, 6_810)
    assert abs((datetime.now(UTC) - run.created_at).total_seconds()) < 60
    store.update(run.id, state="failed", reason="because", test_accuracy=0.5)
    again = Store(url=url).run(run.id)
    assert (again.state, again.reason, again.test_accuracy) == ("failed", "because", 0.5)
    second = store.create_run(SPEC)
    assert [run.id for run in store.runs()] == [second.id, run.id]


@pytest.mark.both_databases
def test_curves_come_back_in_order(url):
    store = Store(url=url)
    run = store.create_run(SPEC)
    store.record_progress(run.id, [progress(0), progress(3)])
    store.record_epoch(run.id, epoch(1), b"one")
    store.record_progress(run.id, [progress(6, 1)])
    store.record_epoch(run.id, epoch(2), b"two")
    assert store.epochs(run.id) == [epoch(1), epoch(2)]
    loss, accuracy = store.batches(run.id)
    np.testing.assert_array_equal(loss, np.arange(7))
    np.testing.assert_array_equal(accuracy, np.arange(7) / 2)
    loss, accuracy = store.batches(run.id, from_step=6)
    np.testing.assert_array_equal(loss, [6])
    np.testing.assert_array_equal(accuracy, [3])
    assert len(store.batches(run.id, from_step=7)[0]) == 0
    assert store.get(run.id, "checkpoint") == b"two"
    assert store.run(run.id).epochs == 2


@pytest.mark.both_databases
def test_forgetting_what_came_after_a_checkpoint(url):
    store = Store(url=url)
    run = store.create_run(SPEC)
    for first in (0, 3, 6):
        store.record_progress(run.id, [progress(first)])
    store.record_epoch(run.id, epoch(1), b"")
    store.record_epoch(run.id, epoch(2), b"")
    store.delete_records_after(run.id, epoch=1, step=6)
    assert store.epochs(run.id) == [epoch(1)]
    assert len(store.batches(run.id)[0]) == 6
    assert store.run(run.id).epochs == 1


@pytest.mark.both_databases
def test_what_a_person_asks_for_reaches_the_run(url):
    store = Store(url=url)
    run = store.create_run(SPEC)
    assert store.record_progress(run.id, [progress(0)]) is None
    store.update(run.id, request="pause", learning_rate=0.02)
    assert store.record_progress(run.id, [progress(3)]) == "pause"
    assert store.record_epoch(run.id, epoch(1), b"") == 0.02


@pytest.mark.both_databases
def test_deleting_takes_curves_and_artifacts_along(url):
    store = Store(url=url)
    run, other = store.create_run(SPEC), store.create_run(SPEC)
    for each in (run, other):
        store.record_progress(each.id, [progress(0)])
        store.record_epoch(each.id, epoch(1), b"data")
    store.delete_run(run.id)
    with sa.create_engine(url).connect() as connection:
        for table in ("epochs", "batches", "artifacts"):
            left = connection.execute(sa.text(f"select run_id from {table}")).scalars().all()
            assert set(left) == {other.id}
    assert store.create_run(SPEC).id > other.id  # numbers are not used twice


MINE_ONLY = {
    "run": lambda store, run: store.run(run),
    "update": lambda store, run: store.update(run, name="stolen"),
    "request": lambda store, run: store.update(run, request="stop"),
    "delete": lambda store, run: store.delete_run(run),
    "progress": lambda store, run: store.record_progress(run, [progress(9)]),
    "epoch": lambda store, run: store.record_epoch(run, epoch(9), b"stolen"),
    "forget": lambda store, run: store.delete_records_after(run, 0, 0),
    "put": lambda store, run: store.put(run, "weights", b"stolen"),
}


@pytest.mark.both_databases
@pytest.mark.parametrize("call", MINE_ONLY)
def test_another_workspace_can_neither_read_nor_change_a_run(url, call):
    mine, theirs = Store("mine", url), Store("theirs", url)
    group = groups.create(mine, "folds", "mine").id
    run = mine.create_run(SPEC, group_id=group)
    mine.record_progress(run.id, [progress(0)])
    mine.record_epoch(run.id, epoch(1), b"checkpoint")
    mine.put(run.id, "weights", b"weights")
    before = mine.run(run.id)
    with pytest.raises(StoreError, match="there is no such run here"):
        MINE_ONLY[call](theirs, run.id)
    assert theirs.runs() == theirs.runs(group) == theirs.epochs(run.id) == []
    assert len(theirs.batches(run.id)[0]) == 0
    assert theirs.get(run.id, "weights") is None
    with pytest.raises(StoreError, match=f"there is no group {group} here"):
        theirs.create_run(SPEC, group_id=group)
    assert mine.run(run.id) == before
    assert mine.get(run.id, "weights") == b"weights"
    assert mine.get(run.id, "checkpoint") == b"checkpoint"
    assert mine.epochs(run.id) == [epoch(1)]
    assert [each.id for each in mine.runs(group)] == [run.id]


WRITER = """
import sys
from mnist_core.storage.runs import Store
from tests.mnist_core.storage.records import SPEC, epoch, progress
store = Store(url=sys.argv[1])
shared = int(sys.argv[2])
for count in range(20):
    run = store.create_run(SPEC, sys.argv[3])
    store.record_progress(run.id, [progress(0), progress(3)])
    store.record_epoch(run.id, epoch(1), b"x" * 100_000)
    store.put(shared, f"{sys.argv[3]}-{count}", b"y")
"""


@pytest.mark.both_databases
@pytest.mark.slow
def test_processes_that_write_at_once_lose_nothing(url):
    shared = Store(url=url).create_run(SPEC, "shared").id
    names = ["a", "b", "c"]
    writers = [
        subprocess.Popen([sys.executable, "-c", WRITER, url, str(shared), name]) for name in names
    ]
    assert [writer.wait(120) for writer in writers] == [0, 0, 0]
    store = Store(url=url)
    runs = [run for run in store.runs() if run.id != shared]
    assert {name: sum(run.name == name for run in runs) for name in names} == dict.fromkeys(
        names, 20
    )
    for run in runs:
        assert len(store.batches(run.id)[0]) == 6
        assert store.epochs(run.id) == [epoch(1)]
    assert all(store.get(shared, f"{name}-{count}") for name in names for count in range(20))
    assert [run.number for run in store.runs()] == list(range(61, 0, -1))


@pytest.mark.both_databases
def test_runs_made_at_the_same_moment_have_numbers_of_their_own(url):
    made, barrier = [Database(url) for _ in range(4)], Barrier(4)

    def create(mine: Database) -> int:
        store = Store("crowd")
        store.database = mine
        barrier.wait()
        return store.create_run(SPEC).number

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(create, made)) == [1, 2, 3, 4]


@pytest.mark.both_databases
def test_runs_are_numbered_within_their_workspace_and_no_number_comes_twice(url):
    mine, theirs = Store("mine", url), Store("theirs", url)
    assert [store.create_run(SPEC).number for store in (mine, theirs, mine)] == [1, 1, 2]
    deletion.delete(mine, [run.id for run in mine.runs()])
    run = mine.create_run(SPEC)
    assert run.number == 3
    assert mine.numbered(3) == run
    with pytest.raises(StoreError, match="there is no run 2 here"):
        mine.numbered(2)
    with pytest.raises(StoreError, match="there is no run 3 here"):
        theirs.numbered(3)


@pytest.mark.both_databases
def test_a_run_that_is_refused_takes_no_number(url):
    store = Store(url=url)
    with pytest.raises(StoreError, match="no group 9 here"):
        store.create_run(SPEC, group_id=9)
    assert store.create_run(SPEC).number == 1


@pytest.mark.both_databases
def test_a_deleted_run_is_gone(url):
    store = Store(url=url)
    run = store.create_run(SPEC)
    deletion.delete(store, [run.id])
    assert store.runs() == waiting(url) == []
    with pytest.raises(StoreError, match="there is no such run here"):
        store.run(run.id)


def test_a_network_over_the_limits_becomes_no_run(url):
    store = Store(url=url)
    with pytest.raises(SpecError, match=r"at most 2,000,000 parameters; this one has 20,037,642"):
        store.create_run(Spec(network=parse("F D4096 D4096")))
    assert store.runs() == []
