"""A database: who may open it, and what happens where its file is busy, gone or damaged."""

import sqlite3
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa

from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage import database as module
from mnist_core.storage.database import (
    Database,
    DatabaseUnavailableError,
    StoreError,
    database,
    default_url,
    path_of,
)
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import VERSION
from mnist_core.utils.paths import PROJECT

SPEC = Spec(network=parse("F"))


OPENER = "import sys; from mnist_core.storage.runs import Store; Store(url=sys.argv[1])"


@pytest.mark.both_databases
@pytest.mark.slow
def test_processes_that_make_the_database_at_once_agree(url):
    openers = [subprocess.Popen([sys.executable, "-c", OPENER, url]) for _ in range(3)]
    assert [opener.wait(60) for opener in openers] == [0] * 3
    with sa.create_engine(url).connect() as connection:
        assert connection.execute(sa.text("select * from schema_version")).all() == [(VERSION,)]


def test_a_database_of_another_version_is_refused_and_left_alone(url, tmp_path):
    Store(url=url)
    with sa.create_engine(url).begin() as connection:
        connection.execute(sa.text(f"update schema_version set version = {VERSION + 1}"))
    path = tmp_path / "runs" / "test.db"
    before = path.read_bytes()
    with pytest.raises(
        StoreError, match=rf"must have version {VERSION}; it has version {VERSION + 1}: move it"
    ):
        Database(url)
    assert path.read_bytes() == before


def test_a_database_that_may_not_be_written_is_read(url, tmp_path):
    run = Store(url=url).create_run(SPEC, "kept")
    reader = Store(url=f"sqlite:///file:{tmp_path / 'runs' / 'test.db'}?mode=ro&uri=true")
    assert [kept.name for kept in reader.runs()] == ["kept"]
    with pytest.raises(StoreError, match="this user can read it but not write to it") as caught:
        reader.update(run.id, name="changed")
    assert not isinstance(caught.value, DatabaseUnavailableError)  # for which runs would wait
    assert reader.run(run.id).name == "kept"


@pytest.mark.parametrize(
    "url", ["sqlite://", "sqlite:///:memory:", "sqlite:///file::memory:?uri=true"]
)
def test_a_database_in_memory_is_refused(url):
    with pytest.raises(StoreError, match="is only in memory, where no worker can see it"):
        Database(url)


def test_a_database_in_a_folder_that_may_not_be_written_is_read(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'a b%41' / 'runs.db'}"
    Database(url).close()
    monkeypatch.setattr(module.os, "access", lambda *_: False)
    reader = Database(url)
    with reader.read() as connection:
        assert connection.execute(sa.text("select * from schema_version")).all() == [(VERSION,)]
    refused = pytest.raises(StoreError, match="allow writing to the file and its folder")
    with refused, reader.write() as connection:
        connection.execute(sa.text("delete from schema_version"))
    reader.close()


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


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///runs/mnist.db", Path("runs/mnist.db")),
        ("sqlite:////tmp/a.db", Path("/tmp/a.db")),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:///file:a.db?uri=true", None),
        ("postgresql://someone@localhost/name", None),
    ],
)
def test_only_a_database_in_a_file_has_a_path(url, path):
    assert path_of(sa.make_url(url)) == path


def test_the_path_of_the_default_is_absolute(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MNIST_DATABASE_URL", "sqlite:///here/a.db")
    assert default_url() == f"sqlite:///{tmp_path}/here/a.db"
    monkeypatch.setenv("MNIST_DATABASE_URL", "postgresql://someone@localhost/name")
    assert default_url() == "postgresql://someone@localhost/name"
    monkeypatch.delenv("MNIST_DATABASE_URL")
    assert default_url() == f"sqlite:///{PROJECT / 'runs' / 'mnist.db'}"


def test_a_process_has_one_pool_for_each_database(url, monkeypatch):
    closed: list[Database] = []
    close = Database.close
    monkeypatch.setattr(Database, "close", lambda made: (closed.append(made), close(made)))
    together, begin = Barrier(4), Database.__init__

    def at_once(made: Database, url: str) -> None:
        begin(made, url)
        together.wait(30)

    monkeypatch.setattr(Database, "__init__", at_once)
    with ThreadPoolExecutor(4) as threads:
        found = set(threads.map(database, [url] * 4))
    (kept,) = found
    assert len(closed) == 3
    assert kept not in closed
    assert database(url) is kept
    monkeypatch.setattr(Database, "__init__", begin)
    assert database(f"{url}2") is not kept


def test_a_program_that_holds_the_file_keeps_writers_out_until_it_lets_go(url, monkeypatch):
    monkeypatch.setattr(module, "BUSY_TIMEOUT_S", 0.05)
    store = Store(url=url)
    with closing(sqlite3.connect(store.database._path or "")) as holder:
        holder.execute("begin immediate")
        with pytest.raises(DatabaseUnavailableError, match="another program holds it") as caught:
            store.create_run(SPEC)
        assert caught.value.readable
        assert store.runs() == []  # reading goes on meanwhile
        holder.rollback()
    run = store.create_run(SPEC)
    assert store.runs() == [run]


def test_a_deleted_file_is_made_anew(url):
    store = Store(url=url)
    store.create_run(SPEC)
    path = path_of(sa.make_url(url))
    assert path is not None
    path.unlink()
    assert store.runs() == []
    assert store.database.opening == 2
    store.create_run(SPEC)
    assert len(Store(url=url).runs()) == 1


def test_a_damaged_file_is_left_as_it_is_and_its_copy_works(url):
    store = Store(url=url)
    run = store.create_run(SPEC)
    path = path_of(sa.make_url(url))
    assert path is not None
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    good = path.read_bytes()
    path.with_suffix(".new").write_bytes(b"x" * len(good))
    path.with_suffix(".new").replace(path)
    with pytest.raises(DatabaseUnavailableError, match="it is damaged or no database"):
        store.runs()
    assert path.read_bytes() == b"x" * len(good)
    path.with_suffix(".new").write_bytes(good)
    path.with_suffix(".new").replace(path)
    assert store.runs() == [run]
