"""Recovery of the app from faults: `python -m benchmarks.faults [name ...]`, on Linux.

Each fault trains a small network, watched by a page in Chromium that is never reloaded, breaks
something, and waits until the app recovers by itself. `full` mounts a small file system and needs
root.
"""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import urlopen

import psutil

from benchmarks.faults_app import App, Row
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from tests.browser.driver import browser

AWAY_S = 10


def moved_on(app: App, run: Run) -> Callable[[], bool]:
    """Return a function that tells whether more of a run has been recorded since."""
    epochs, step = run.epochs, run.step

    def look() -> bool:
        now = app.store.run(run.id)
        return (now.epochs, now.step) > (epochs, step)

    return look


def worker(app: App) -> Iterator[Row]:
    run = app.train()
    before = app.snapshot(run)
    os.kill(int((run.worker or "").split(":")[1]), signal.SIGKILL)
    yield app.survive("worker killed in training", run, before, moved_on(app, run))


def job(app: App) -> Iterator[Row]:
    """A job is not retried by itself, so that it cannot kill two workers; a click retries it."""
    run = app.train(epochs=2)
    app.until(lambda: app.store.run(run.id).state == "finished")
    run, before = app.store.run(run.id), app.snapshot(run)
    jobs.enqueue(app.store, run.id, "tsne")

    def state() -> str:
        found = jobs.find(app.store, run.id, "tsne")
        return found.state if found else "done"

    app.until(lambda: state() == "running")
    app.child("dask worker").kill()
    app.until(lambda: state() == "failed")
    jobs.enqueue(app.store, run.id, "tsne")

    def done() -> bool:
        return jobs.result(app.store, run, "tsne") is not None

    yield app.survive("worker killed in a job", run, before, done)


def scheduler(app: App) -> Iterator[Row]:
    run = app.train()
    before = app.snapshot(run)
    app.child("dask scheduler").kill()
    yield app.survive("scheduler killed", run, before, moved_on(app, run))


def server(app: App) -> Iterator[Row]:
    run = app.train()
    before = app.snapshot(run)
    app.stop(signal.SIGKILL)
    app.start()
    yield app.survive("server killed and started again", run, before, moved_on(app, run))


def locked(app: App) -> Iterator[Row]:
    run = app.train()
    before = app.snapshot(run)
    with closing(sqlite3.connect(app.path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        app.page.get_by_role("button", name="Start training").click()  # must wait, not fail
        wait(app, AWAY_S)
        other.execute("ROLLBACK")
    name = f"database locked for {AWAY_S} s, a training queued meanwhile"
    yield app.survive(name, run, before, moved_on(app, run))
    app.until(lambda: len(app.store.runs()) == 2)


def full(app: App) -> Iterator[Row]:
    run = app.train(epochs=20)
    before = app.snapshot(run)
    filler = app.path.parent / "filler"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(4096))
        except OSError:
            pass
    wait(app, 3 * AWAY_S)
    epochs = app.store.run(run.id).epochs
    filler.unlink()
    yield app.survive(
        f"disk full for {3 * AWAY_S} s",
        run,
        before,
        lambda: app.store.run(run.id).epochs > epochs,
    )


def deleted(app: App) -> Iterator[Row]:
    """Delete the database file; the app continues with a new one and its examples."""
    for endings in ("",), ("", "-wal", "-shm"):
        app.train(epochs=50)
        for ending in endings:
            Path(f"{app.path}{ending}").unlink(missing_ok=True)
        begun = time.monotonic()
        app.until(lambda: len(app.store.examples()) == 2 and not app.store.runs())
        app.until(lambda: app.page.get_by_text("No runs yet").count())
        app.until(app.answers)
        answered = time.monotonic() - begun
        run = app.train(epochs=2)
        row = app.survive("", run, app.snapshot(run), lambda: True)
        what = "database deleted" if len(endings) == 1 else "database deleted, -wal and -shm too"
        yield Row(what, ["what was in it"], answered, None, f"the next run {row.state}", app.said)


def damaged(app: App) -> Iterator[Row]:
    """Damage the database of a running server, restart the server, and restore a good copy."""
    for kind in ("header", "middle", "half", "empty"):
        run = app.train(epochs=2)
        app.until(lambda run=run: app.store.run(run.id).state == "finished")
        before, good = app.snapshot(run), app.folder / "good.db"
        good.unlink(missing_ok=True)
        with closing(sqlite3.connect(app.path)) as connection:
            connection.execute("VACUUM INTO ?", [str(good)])
        app.stop()
        break_file(app.path, kind)
        bad = app.path.read_bytes()
        app.start()
        wait(app, AWAY_S)
        # With an intact first page, SQLite detects the damage only when it reads further.
        assert app.path.read_bytes() == bad or kind != "header"
        for ending in ("", "-wal", "-shm"):
            if (left := Path(f"{app.path}{ending}")).exists():
                left.rename(app.folder / f"{kind}{ending}")
        good.rename(app.path)
        yield app.survive(f"database damaged ({kind}), then put right", run, before, lambda: True)


def break_file(path: Path, kind: str) -> None:
    size, noise = path.stat().st_size, random.Random(0).randbytes
    with path.open("r+b") as file:
        if kind == "header":
            file.write(noise(100))
        elif kind == "middle":
            file.seek(2 * 4096)
            file.write(noise(size // 2))
        else:
            file.truncate(size // 2 if kind == "half" else 0)


def gone(app: App) -> Iterator[Row]:
    """Close twenty pages during a training."""
    run = app.train(epochs=30)
    before, process = app.snapshot(run), psutil.Process(app.process.pid)
    opened = app.page.context.browser
    assert opened
    figures = []
    for _ in range(2):
        context = opened.new_context()
        for _ in range(10):
            context.new_page().goto(f"{app.address}/train?run={run.id}")
        figures.append(sessions(app))
        context.close()
        app.until(lambda: sessions(app) == 1)
        figures.append(f"{process.memory_info().rss / 1e6:.0f} MB")
    row = app.survive("browser gone", run, before, moved_on(app, run))
    row.state += f"; sessions and memory: {figures}"
    yield row


def sessions(app: App) -> int:
    with urlopen(f"{app.address}/_stcore/metrics") as answer:
        lines = answer.read().decode().splitlines()
    return int(next(float(line.split()[-1]) for line in lines if line.startswith("active_sess")))


def wait(app: App, seconds: float) -> None:
    """Check the page for some seconds."""
    end = time.monotonic() + seconds
    app.until(lambda: time.monotonic() >= end)


SCENARIOS = {
    one.__name__: one
    for one in (worker, job, scheduler, server, locked, full, deleted, damaged, gone)
}


@contextmanager
def place(name: str) -> Iterator[Path]:
    """Yield a temporary folder for a database."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as made:
        if name == "full":
            options = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", made]
            subprocess.run(options, check=True)
        try:
            yield Path(made)
        finally:
            if name == "full":
                subprocess.run(["umount", "-l", made], check=True)


def main() -> None:
    port = int(os.environ.get("PORT", "8623"))
    print("| fault | lost | page answers after, s | run goes on after, s | run | page said |")
    print("| --- | --- | ---: | ---: | --- | --- |")
    for name in sys.argv[1:] or SCENARIOS:
        with place(name) as folder, browser() as opened:
            app = App(folder, port, opened.new_page())
            try:
                for row in SCENARIOS[name](app):
                    on = "" if row.went_on_s is None else f"{row.went_on_s:.1f}"
                    told = " / ".join(row.said).replace("|", ";")
                    lost = ", ".join(row.lost) or "nothing"
                    print(f"| {row.fault} | {lost} | {row.answered_s:.1f} | {on} | {row.state} | "
                          f"{told} |", flush=True)  # fmt: skip
            finally:
                app.stop()
                print((folder / "server.log").read_text()[-3000:], file=sys.stderr)


if __name__ == "__main__":
    main()
