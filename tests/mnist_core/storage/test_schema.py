"""The tables: databases of older versions are brought up to date, and times are in UTC."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from mnist_core.execution import jobs
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage import deletion, groups
from mnist_core.storage.database import Database, StoreError
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import ARTIFACTS, JOBS, RUNS, SCHEMA, UPGRADABLE, VERSION

SPEC = Spec(network=parse("C4 M F"))


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
    names = ("test_ece", "trial", "origin", "note", "pinned")
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("drop table jobs"))
        connection.execute(sa.text("drop table run_numbers"))
        connection.execute(sa.text("drop index ix_runs_number"))
        for table, name in [*added, *(("runs", name) for name in (*names, "number"))]:
            connection.execute(sa.text(f"alter table {table} drop column {name}"))
        connection.execute(sa.text("update schema_version set version = 2"))
    Database(url)
    assert indexes(url) == new
    store = Store(url=url)
    assert store.runs() == [run]
    assert (run.note, run.pinned, run.origin, run.trial) == ("", False, "", None)
    assert (run.number, store.create_run(SPEC).number) == (1, 2)
    assert groups.create(store, "study", "new", state="running").state == "running"
    with sa.create_engine(url).connect() as connection:
        assert connection.scalar(sa.text("select version from schema_version")) == VERSION


@pytest.mark.both_databases
@pytest.mark.parametrize("version", [3, 4])
def test_jobs_of_older_databases_were_asked_for_by_nobody_known(url, version):
    run = Store(url=url).create_run(SPEC)
    jobs.enqueue(Store(url=url), run.id, "tsne")
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
@pytest.mark.parametrize("version", [3, 4, 5])
def test_runs_that_waited_to_be_brought_back_are_deleted_for_good(url, version):
    store = Store(url=url)
    kept, gone = store.create_run(SPEC, "kept"), store.create_run(SPEC, "gone")
    for run in (kept, gone):
        store.put(run.id, "weights", b"weights")
        jobs.enqueue(store, run.id, "tsne")
    new = indexes(url)
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("alter table runs add column deleted_at timestamp"))
        deleted = sa.text("update runs set deleted_at = current_timestamp where id = :id")
        connection.execute(deleted, {"id": gone.id})
        connection.execute(sa.text(f"update schema_version set version = {version}"))
    store.database = Database(url)
    assert store.runs() == [kept]
    with store.database.read() as connection:
        for table in (RUNS.c.id, ARTIFACTS.c.run_id, JOBS.c.run_id):
            assert connection.scalars(sa.select(table)).all() == [kept.id]
        assert connection.scalar(sa.select(SCHEMA)) == VERSION
    assert indexes(url) == new
    assert "deleted_at" not in columns(url)
    assert deletion.delete(store, [kept.id]) == 1
    assert store.create_run(SPEC).id > gone.id  # no number is given twice


@pytest.mark.both_databases
@pytest.mark.parametrize("version", UPGRADABLE)
def test_runs_of_older_databases_are_numbered_in_the_order_in_which_they_were_made(url, version):
    mine, other = Store("mine", url), Store("other", url)
    made = [store.create_run(SPEC) for store in (mine, other, mine, other, mine)]
    deletion.delete(mine, [made[0].id])
    new = indexes(url)
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text("drop table run_numbers"))
        connection.execute(sa.text("drop index ix_runs_number"))
        connection.execute(sa.text("alter table runs drop column number"))
        connection.execute(sa.text(f"update schema_version set version = {version}"))
    mine.database = other.database = Database(url)
    assert indexes(url) == new
    assert [(run.id, run.number) for run in mine.runs()] == [(made[4].id, 2), (made[2].id, 1)]
    assert [(run.id, run.number) for run in other.runs()] == [(made[3].id, 2), (made[1].id, 1)]
    assert [store.create_run(SPEC).number for store in (mine, other, mine)] == [3, 3, 4]
    assert mine.numbered(4) == mine.runs()[0]


@pytest.mark.both_databases
def test_a_run_without_a_number_of_its_own_is_refused(url):
    store = Store(url=url)
    run = store.create_run(SPEC)
    with pytest.raises(StoreError, match=r"(?i)unique"):
        store.update(store.create_run(SPEC).id, number=run.number)


def columns(url: str) -> set[str]:
    return {column["name"] for column in sa.inspect(sa.create_engine(url)).get_columns("runs")}


def test_a_time_comes_back_in_utc(url):
    store = Store(url=url)
    noon = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    run = store.create_run(SPEC, finished_at=noon)
    assert run.finished_at == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert run.finished_at is not None
    assert run.finished_at.tzinfo is UTC
