"""Runs in a database: kept whole, kept apart, written by several processes at once."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime

import numpy as np
import pytest
import sqlalchemy as sa

from mnist_core.evaluation.history import Checkpoint, State
from mnist_core.execution import jobs
from mnist_core.execution.queue import waiting
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.network.value import SpecError
from mnist_core.storage import groups
from mnist_core.storage.database import VERSION, Database, StoreError
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
    store.forget_after(run.id, epoch=1, step=6)
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
    "forget": lambda store, run: store.forget_after(run, 0, 0),
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
    with pytest.raises(StoreError, match=f"there is no run {run.id} here"):
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
for count in range(40):
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
        names, 40
    )
    for run in runs:
        assert len(store.batches(run.id)[0]) == 6
        assert store.epochs(run.id) == [epoch(1)]
    assert all(store.get(shared, f"{name}-{count}") for name in names for count in range(40))


OPENER = "import sys; from mnist_core.storage.runs import Store; Store(url=sys.argv[1])"


@pytest.mark.both_databases
@pytest.mark.slow
def test_processes_that_make_the_database_at_once_agree(url):
    openers = [subprocess.Popen([sys.executable, "-c", OPENER, url]) for _ in range(4)]
    assert [opener.wait(60) for opener in openers] == [0] * 4
    with sa.create_engine(url).connect() as connection:
        assert connection.execute(sa.text("select * from schema_version")).all() == [(VERSION,)]


def test_a_database_of_another_version_is_refused_and_left_alone(url, tmp_path):
    Store(url=url)
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("update schema_version set version = 7"))
    path = tmp_path / "runs" / "test.db"
    before = path.read_bytes()
    with pytest.raises(
        StoreError, match=rf"must have version {VERSION}; it has version 7: move it away"
    ):
        Database(url)
    assert path.read_bytes() == before


def indexes(url: str) -> dict[str, set[str]]:
    found = sa.inspect(sa.create_engine(url))
    return {
        table: {str(index["name"]) for index in found.get_indexes(table)}
        for table in found.get_table_names()
    }


@pytest.mark.both_databases
def test_a_database_of_version_2_is_brought_up_to_date(url):
    run = Store(url=url).create_run(SPEC, "kept")
    new = indexes(url)
    added = [("groups", n) for n in ("settings", "state", "reason", "worker", "heartbeat_at")]
    names = ("test_ece", "trial", "origin", "note", "pinned", "deleted_at")
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("drop table jobs"))
        for table, name in [*added, *(("runs", name) for name in names)]:
            connection.execute(sa.text(f"alter table {table} drop column {name}"))
        connection.execute(sa.text("update schema_version set version = 2"))
    Database(url)
    assert indexes(url) == new
    store = Store(url=url)
    assert store.runs() == [run]
    assert (run.note, run.pinned, run.origin, run.trial) == ("", False, "", None)
    assert groups.create(store, "study", "new", state="running").state == "running"
    with sa.create_engine(url).connect() as connection:
        assert connection.scalar(sa.text("select version from schema_version")) == VERSION


@pytest.mark.both_databases
@pytest.mark.parametrize("version", [3, 4])
def test_jobs_of_older_databases_were_asked_for_by_nobody_known(url, version):
    run = Store(url=url).create_run(SPEC)
    jobs.ask(Store(url=url), run.id, "tsne")
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("alter table jobs drop column asked_by"))
        connection.execute(sa.text(f"update schema_version set version = {version}"))
    store = Store(url=url)
    store.database = Database(url)
    found = jobs.find(store, run.id, "tsne")
    assert found is not None
    assert (found.state, found.asked_by) == ("queued", "")
    assert store.run(run.id) == run
    with sa.create_engine(url).connect() as connection:
        assert connection.scalar(sa.text("select version from schema_version")) == VERSION


@pytest.mark.both_databases
def test_a_deleted_run_is_out_of_sight(url):
    store = Store(url=url)
    run = store.create_run(SPEC)
    store.update(run.id, deleted_at=datetime.now(UTC))
    assert store.runs() == waiting(url) == []
    with pytest.raises(StoreError, match=f"there is no run {run.id} here"):
        store.run(run.id)


@pytest.mark.both_databases
def test_groups_are_for_their_workspace(url):
    mine, theirs = Store("mine", url), Store("theirs", url)
    group = groups.create(mine, "repeat", "seeds", settings="{}", state="running")
    run = mine.create_run(SPEC, group_id=group.id)
    assert groups.listed(mine, "repeat") == [groups.find(mine, group.id)] == [group]
    assert groups.listed(theirs, "repeat") == groups.listed(mine, "folds") == []
    assert not groups.change(theirs, group, {}, state="stopped")
    assert not groups.change(mine, group, {"state": "finished"}, state="stopped")
    for call in (groups.find, groups.delete):
        with pytest.raises(StoreError, match=f"there is no group {group.id} here"):
            call(theirs, group.id)
    assert groups.change(mine, group, {"state": "running"}, state="stopped")
    assert groups.find(mine, group.id).state == "stopped"
    groups.delete(mine, group.id)
    assert groups.listed(mine, "repeat") == [item for item in mine.runs() if item == run] == []


def test_a_database_that_is_not_ours_is_refused(url, tmp_path):
    (tmp_path / "runs").mkdir()
    path = tmp_path / "runs" / "test.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table runs (something text)")
    before = path.read_bytes()
    with pytest.raises(StoreError, match="no version, so it is not ours"):
        Database(url)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["test.db"]


def test_a_missing_driver_is_named():
    with pytest.raises(StoreError, match=r"needs a driver that is not installed.*psycopg2"):
        Database("postgresql+psycopg2://localhost/none")


def test_a_file_that_is_no_database_is_refused(tmp_path):
    path = tmp_path / "notes.db"
    path.write_text("dear diary " * 100)
    with pytest.raises(StoreError, match=r"notes\.db cannot be used \(file is not a database\)"):
        Database(f"sqlite:///{path}")


@pytest.mark.parametrize("url", ["nonsense", "oracle9://x", ""])
def test_a_url_that_names_no_database_is_refused(url):
    with pytest.raises(StoreError, match="must name a database, such as sqlite:///"):
        Database(url)


def test_a_checkpoint_survives_its_bytes():
    state = State(epochs=5, learning_rate=0.1, epoch=2, step=7, best_val_loss=0.25)
    arrays = {"weights/dense_1/kernel": np.ones((2, 3), np.float32), "optimizer/0": np.array(4)}
    again = Checkpoint.from_bytes(Checkpoint(state, arrays).to_bytes())
    assert again.state == state
    assert again.arrays.keys() == arrays.keys()
    np.testing.assert_array_equal(again.weights["dense_1/kernel"], np.ones((2, 3)))
    assert Checkpoint.from_bytes(Checkpoint(State(1, 0.1), {}).to_bytes()).state == State(1, 0.1)


def test_a_network_over_the_limits_becomes_no_run(url):
    store = Store(url=url)
    with pytest.raises(SpecError, match=r"at most 2,000,000 parameters; this one has 20,037,642"):
        store.create_run(Spec(network=parse("F D4096 D4096")))
    assert store.runs() == []
