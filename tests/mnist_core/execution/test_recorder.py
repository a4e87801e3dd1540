"""A database that goes away: waited for by a training, told in a sentence, and taken up again."""

import logging
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import psutil
import pytest
import sqlalchemy as sa
from sqlalchemy import event

from mnist_core.engine import engine as engine_module
from mnist_core.engine import examples
from mnist_core.engine.engine import Engine
from mnist_core.execution import queue, recorder
from mnist_core.execution.runner import execute
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage import database, leases
from mnist_core.storage.artifacts import load_weights
from mnist_core.storage.database import DatabaseUnavailableError, StoreError
from mnist_core.storage.runs import Store
from tests.helpers import wait_until

SPEC = Spec(
    network=parse("F D16"),
    training=Training(epochs=3, batch_size=64),
    split=Split(kind="last", count=500, limit=2000),
)
POSIX = pytest.mark.skipif(os.name != "posix", reason="an open file cannot be deleted elsewhere")


@pytest.fixture
def store(url) -> Store:
    return Store(url=url)


@pytest.fixture
def path(url) -> Path:
    return Path(url.removeprefix("sqlite:///"))


@pytest.fixture
def impatient(monkeypatch, caplog):
    """No long waits, and every batch is recorded at once."""
    caplog.set_level(logging.INFO)
    monkeypatch.setattr(recorder, "RECORD_EVERY_S", 0)
    monkeypatch.setattr(recorder, "RETRY_EVERY_S", 0.05)
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0)
    monkeypatch.setattr("mnist_core.training.train_step.CHUNK_MULTIPLY_ADDS", 5e6)


class Breaker:
    """Breaks something after so many reports of a training."""

    def __init__(self, after: int, hurt: Callable[[], object]) -> None:
        self.after, self.hurt = after, hurt

    def on_progress(self, progress) -> bool:
        self.after -= 1
        if self.after == 0:
            self.hurt()
        return True

    def on_epoch(self, epoch, checkpoint) -> None: ...


def repair_after_errors(store: Store, repair: Callable[[], object]) -> None:
    """Put it right once three statements have failed."""
    failed = []

    def note(_: object) -> None:
        failed.append(1)
        if len(failed) == 3:
            repair()

    event.listen(store.database._engine, "handle_error", note)


def check_same_as_undisturbed(store: Store, run_id: int) -> None:
    whole = execute(store, store.create_run(SPEC).id)
    run = store.run(run_id)
    assert (run.state, run.epochs, run.test_accuracy) == ("finished", 3, whole.test_accuracy)
    assert [e.loss for e in store.epochs(run_id)] == [e.loss for e in store.epochs(whole.id)]
    for mine, expected in zip(store.batches(run_id), store.batches(whole.id), strict=True):
        assert mine.tolist() == expected.tolist()
    assert load_weights(store, run_id).keys() == load_weights(store, whole.id).keys()


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("after", [3, 9])
def test_a_training_waits_for_a_database_that_is_locked(store, path, after, caplog):
    run = store.create_run(SPEC)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        repair_after_errors(store, other.rollback)
        execute(store, run.id, Breaker(after, lambda: other.execute("BEGIN EXCLUSIVE")))
    assert "another program holds it" in caplog.text
    check_same_as_undisturbed(store, run.id)


@pytest.mark.usefixtures("impatient")
def test_a_training_waits_for_room_on_the_disk(store, caplog):
    """SQLite itself says that it is full once it has as many pages as it may."""
    run, pages = store.create_run(SPEC), {"most": 2**30}

    def begin(connection: sa.Connection) -> None:
        connection.connection.execute(f"PRAGMA max_page_count = {pages['most']}").close()

    event.listen(store.database._engine, "begin", begin)
    repair_after_errors(store, lambda: pages.update(most=2**30))
    execute(store, run.id, Breaker(3, lambda: pages.update(most=1)))
    assert "database or disk is full" in caplog.text
    assert "make room on its disk" in caplog.text
    check_same_as_undisturbed(store, run.id)


@pytest.mark.usefixtures("impatient")
def test_what_was_written_though_its_answer_was_lost_is_not_written_twice(store, monkeypatch):
    """As a connection to PostgreSQL may break between the commit and its answer."""
    run = store.create_run(SPEC)
    broken = set()

    def forgetful(name: str):
        write = getattr(Store, name)

        def once(*args):
            answer = write(*args)
            if name not in broken:
                broken.add(name)
                raise DatabaseUnavailableError("the answer is lost")
            return answer

        return once

    for name in ("record_progress", "record_epoch", "save_weights"):
        monkeypatch.setattr(Store, name, forgetful(name))
    execute(store, run.id)
    check_same_as_undisturbed(store, run.id)


@POSIX
def test_a_run_whose_file_is_gone_does_not_write_into_another_one_of_its_number(store, path):
    run = store.create_run(SPEC)

    def replace_file() -> None:
        path.unlink()
        assert Store(url=store.database.url).create_run(SPEC).id == run.id

    with pytest.raises(StoreError, match="no longer exists"):
        execute(store, run.id, Breaker(3, replace_file))
    assert store.run(run.id).state == "queued"
    assert store.epochs(run.id) == []


@pytest.mark.usefixtures("impatient")
def test_a_run_that_was_given_to_another_worker_is_let_go(store):
    """Its worker may be alive: a broken line to the scheduler looks the same from there."""
    run, seen = store.create_run(SPEC), []

    def give_away() -> None:
        queue.record_worker_loss(store, store.run(run.id))
        store.update(run.id, state="running", worker="elsewhere:7:1.00")
        seen.append((store.run(run.id), store.epochs(run.id), len(store.batches(run.id)[0])))

    with pytest.raises(StoreError, match="another worker has taken it over"):
        execute(store, run.id, Breaker(9, give_away))
    now = (store.run(run.id), store.epochs(run.id), len(store.batches(run.id)[0]))
    assert [now] == seen


HOLDER = """
import sys
from mnist_core.storage.runs import Store
store = Store(url=sys.argv[1])
for line in sys.stdin:
    print(len(store.runs()), flush=True)
"""


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize("endings", [("",), ("", "-wal", "-shm")])
def test_a_deleted_file_is_noticed_by_every_process(store, path, url, endings, caplog):
    store.create_run(SPEC)
    command = [sys.executable, "-c", HOLDER, url]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdin
        assert other.stdout
        send, answers = other.stdin, other.stdout

        def ask() -> int:
            send.write("\n")
            send.flush()
            return int(answers.readline())

        assert ask() == 1
        for ending in endings:
            Path(f"{path}{ending}").unlink()
        assert store.runs() == []
        assert "was deleted or replaced" in caplog.text
        for _ in range(2):
            store.create_run(SPEC)
        assert ask() == 2
        store.create_run(SPEC)
        assert ask() == 3
        with closing(sqlite3.connect(path)) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        send.close()


@POSIX
@pytest.mark.parametrize("kind", ["header", "middle", "half"])
def test_a_damaged_file_is_named_left_alone_and_taken_up_when_it_is_put_right(url, path, kind):
    for _ in range(3):
        Store(url=url).create_run(SPEC, name="x" * 3000)
    good = path.with_name("good.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("VACUUM INTO ?", [str(good)])
    database.database(url)._engine.dispose()
    size = path.stat().st_size
    with path.open("r+b") as file:
        if kind == "half":
            file.truncate(size // 2)
        else:
            file.seek(0 if kind == "header" else 4096)
            file.write(b"\xa5" * (100 if kind == "header" else size - 4096))
    bad = path.read_bytes()
    for _ in range(2):
        with pytest.raises(
            DatabaseUnavailableError, match=r"test\.db cannot be used .*is damaged.*put a good"
        ):
            Store(url=url).runs()
    assert path.read_bytes() == bad
    path.unlink()
    good.rename(path)
    assert len(Store(url=url).runs()) == 3


@POSIX
def test_a_file_that_was_moved_away_comes_back_with_all_that_is_in_it(store, path):
    run = store.create_run(SPEC)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    path.rename(path.with_name("away.db"))
    assert store.runs() == []
    path.with_name("away.db").replace(path)
    assert [found.id for found in store.runs()] == [run.id]


def test_nobody_waits_long_to_read(url, path, monkeypatch):
    monkeypatch.setattr(database, "READ_TIMEOUT_S", 0.1)
    store = Store(url=url)
    store.database._engine.dispose()  # only then may another one have the file for itself
    with closing(sqlite3.connect(path, isolation_level=None)) as greedy:
        greedy.execute("PRAGMA locking_mode = EXCLUSIVE")
        greedy.execute("BEGIN EXCLUSIVE")
        with pytest.raises(DatabaseUnavailableError, match="another program holds it"):
            store.runs()
    assert store.runs() == []


def test_a_process_keeps_its_name_when_the_clock_is_set(monkeypatch):
    """psutil adds the ticks of a process to the time when the machine started, which then moves."""
    if not Path("/proc/self/stat").exists():
        pytest.skip("Linux keeps it in /proc")
    name = leases.this_process()
    leases.this_process.cache_clear()
    monkeypatch.setattr(psutil.Process, "create_time", lambda _: 1e9)
    assert leases.this_process() == name
    store = Store()
    assert not leases.is_abandoned(queue.claim(store, store.create_run(SPEC).id))


class NoPool:
    """In place of workers, which these tests do not need."""

    alive, ready, has_job, ours, places, free, gone = True, False, True, False, 0, 0, ()

    def __init__(self, *given: object) -> None:
        given[-1]()  # type: ignore[operator]

    refresh = training = lambda _: []
    measured_speed = close = lambda _: None


@POSIX
def test_the_engine_lives_says_what_is_wrong_and_puts_the_examples_back(monkeypatch):
    monkeypatch.setattr(engine_module, "Pool", NoPool)
    monkeypatch.setattr(engine_module, "STEP_EVERY_S", 0.05)
    monkeypatch.setattr(engine_module, "AFTER_TROUBLE_S", 0.05)
    path = Path(database.default_url().removeprefix("sqlite:///"))
    made = Engine()
    made.start(meanwhile=lambda: exec("1 / 0"))
    try:
        wait_until(lambda: len(Store().examples()) == len(examples.NAMES), 20)
        path.unlink()
        wait_until(lambda: len(Store().examples()) == len(examples.NAMES), 20)
        assert not made.status().trouble
        good = path.with_name("good.db")
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("VACUUM INTO ?", [str(good)])
        path.with_name("bad").write_bytes(b"no database" * 1000)
        path.with_name("bad").replace(path)
        wait_until(lambda: "damaged" in made.status().trouble, 20)
        good.replace(path)
        wait_until(lambda: not made.status().trouble, 20)
        monkeypatch.setattr(engine_module, "LEAST_FREE_BYTES", 2**62)
        wait_until(lambda: "make room" in made.status().trouble, 20)
        monkeypatch.setattr(NoPool, "training", lambda self: 1 / 0)
        threading.Event().wait(0.2)
        assert made.status() != engine_module.OFF
    finally:
        made.stop()


@pytest.mark.usefixtures("impatient")
def test_a_run_that_was_taken_though_the_answer_was_lost_is_trained(store, monkeypatch):
    """Else it would be said to train for as long as its worker lives."""
    run, read, lost = store.create_run(SPEC), Store.run, []

    def away_once(mine: Store, run_id: int):
        if read(mine, run_id).state == "running" and not lost:
            lost.append(run_id)
            raise DatabaseUnavailableError("the answer is lost")
        return read(mine, run_id)

    monkeypatch.setattr(Store, "run", away_once)
    assert execute(store, run.id, only_queued=True).state == "finished"
    assert lost == [run.id]


@pytest.mark.usefixtures("impatient")
def test_a_run_that_broke_while_the_database_was_away_is_not_left_running(store, path):
    run = store.create_run(SPEC)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:

        def break_all() -> None:
            repair_after_errors(store, other.rollback)
            other.execute("BEGIN EXCLUSIVE")
            raise MemoryError

        with pytest.raises(MemoryError):
            execute(store, run.id, Breaker(3, break_all))
    assert store.run(run.id).state == "interrupted"


@POSIX
def test_a_file_that_was_moved_away_takes_along_what_was_written_last(store, path):
    run = store.create_run(SPEC)
    away = path.with_name("away.db")
    path.rename(away)
    assert store.runs() == []
    with closing(sqlite3.connect(away)) as connection:
        assert connection.execute("SELECT id FROM runs").fetchall() == [(run.id,)]
    away.replace(path)
    assert [found.id for found in store.runs()] == [run.id]


def test_a_database_that_is_locked_while_it_is_opened_is_away(url, path, monkeypatch):
    """To make it WAL takes a lock of its own, which nobody else may hold."""
    monkeypatch.setattr(database, "READ_TIMEOUT_S", 0)
    monkeypatch.setattr(database, "BUSY_TIMEOUT_S", 0)
    Store(url=url)
    database.database(url)._engine.dispose()
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("PRAGMA journal_mode = DELETE")
        other.execute("BEGIN")
        other.execute("SELECT * FROM runs").fetchall()
        with pytest.raises(DatabaseUnavailableError, match="another program holds it"):
            database.Database(url)
    assert Store(url=url).runs() == []


@POSIX
def test_one_at_a_time_looks_after_the_file(url, path):
    """Two that rename at once could take what the other one made just now for the old files."""
    Store(url=url)
    made = []
    other = threading.Thread(target=lambda: made.append(database.Database(url)))
    with database.folder_lock(path):
        other.start()
        other.join(0.3)
        assert made == []
    other.join(20)
    assert len(made) == 1


@POSIX
def test_a_backup_that_is_put_in_place_of_the_file_stays_as_it_was(store, path):
    """SQLite would add to it what was written last into the other one, and break it."""
    first = store.create_run(SPEC)
    backup = path.with_name("backup.db")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("VACUUM INTO ?", [str(backup)])
    for _ in range(30):
        store.create_run(SPEC, name="x" * 2000)
    backup.replace(path)
    assert [run.id for run in store.runs()] == [first.id]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
