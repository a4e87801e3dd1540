"""The app under test in `benchmarks.faults`: start, kill, watch in a browser, find losses."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import urlopen

import psutil
from playwright.sync_api import Error as BrowserError
from playwright.sync_api import Page
from sqlalchemy import select

from mnist_core.evaluation.run import INACTIVE_STATES, Run
from mnist_core.network.presets import find
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage.database import DatabaseUnavailableError, StoreError
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import ARTIFACTS

PROJECT = Path(__file__).parents[1]
PATIENCE_S = 180
STATE = "() => document.querySelector('[data-testid=stApp]')?.dataset.testConnectionState"
SAID = """() => [...document.querySelectorAll(
    '[data-testid=stAlert], [data-testid=stException], [data-testid=stConnectionStatus]'
)].map(shown => shown.innerText.trim().replaceAll('\\n', ' '))"""


@dataclass
class Row:
    """The result of a fault. Seconds are counted from the fault."""

    fault: str
    lost: list[str]
    answered_s: float
    went_on_s: float | None
    state: str
    said: list[str]


@dataclass
class App:
    """`streamlit run app.py` with its own port and database, and a page that stays open."""

    folder: Path
    port: int
    page: Page
    url: str = ""
    said: list[str] = field(default_factory=list)
    looked_at: float = 0.0

    def __post_init__(self) -> None:
        self.url = self.url or f"sqlite:///{self.folder / 'runs.db'}"
        self.start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def path(self) -> Path:
        """Path of the database file."""
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def store(self) -> Store:
        return Store(url=self.url)

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless", "true"]
        command += ["--server.port", str(self.port), "--server.address", "127.0.0.1"]
        self.log = (self.folder / "server.log").open("a")
        self.process = subprocess.Popen(
            command,
            cwd=PROJECT,
            env=os.environ | {"MNIST_DATABASE_URL": self.url},
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        self.until(self.healthy)

    def healthy(self) -> bool:
        with suppress(OSError), urlopen(f"{self.address}/_stcore/health", timeout=5) as answer:
            return answer.status == 200
        return False

    def stop(self, how: int = signal.SIGTERM) -> None:
        self.process.send_signal(how)
        self.process.wait(60)
        self.log.close()

    def child(self, words: str) -> psutil.Process:
        """Return a child process of the server by words of its command line."""
        family = psutil.Process(self.process.pid).children(recursive=True)
        return next(one for one in family if words in " ".join(one.cmdline()))

    def until(self, condition: Callable[[], object], seconds: float = PATIENCE_S) -> float:
        """Return the seconds until a condition holds, checking the page meanwhile."""
        begun = time.monotonic()
        while True:
            with suppress(DatabaseUnavailableError):
                if condition():
                    return time.monotonic() - begun
            assert time.monotonic() - begun < seconds, f"in vain; the page says {self.said}"
            self.page.wait_for_timeout(100)
            self.look()

    def look(self) -> None:
        """Record the messages on the page."""
        with suppress(BrowserError):
            for words in self.page.evaluate(SAID):
                if words and words not in self.said:
                    self.said.append(words)

    def answers(self) -> bool:
        """Return whether the open page is connected, and its script ran without an error."""
        with suppress(BrowserError):
            alive = self.page.evaluate(STATE) == "CONNECTED"
            shown = self.page.locator("h1").count() == 1
            away = self.page.get_by_text("cannot be used").count()
            return self.healthy() and alive and shown and not away
        return False

    def train(self, epochs: int = 15) -> Run:
        """Start a run on the page; return it after its first recorded epoch."""
        network = find("note-5").network
        spec = Spec(
            network=network,
            training=Training(epochs=epochs),
            split=Split(kind="last", count=500, limit=8000),
        )
        run = self.store.create_run(spec, "faulty", queued=False)
        self.store.update(run.id, note="keep this", pinned=True)
        self.page.goto(f"{self.address}/train?run={run.id}")
        self.page.get_by_role("heading", level=1).wait_for()
        self.page.get_by_role("button", name="Go on to epoch").click()
        self.until(lambda: self.store.run(run.id).epochs)
        self.said.clear()
        return self.store.run(run.id)

    def snapshot(self, run: Run) -> dict[str, set]:
        """Return all records of a run."""
        store = self.store
        query = select(ARTIFACTS.c.name).where(ARTIFACTS.c.run_id == run.id)
        with store.database.read() as connection:
            names = set(connection.scalars(query))
        loss, _ = store.batches(run.id)
        now = store.run(run.id)
        self.looked_at = time.monotonic()
        return {
            "epochs": {epoch.epoch for epoch in store.epochs(run.id)},
            "batches": set(range(len(loss))),
            "artifacts": names,
            "words": {now.name, now.note, str(now.pinned)},
        }

    def lost(self, before: dict[str, set], run: Run) -> list[str]:
        """Return the records of a run that a fault has lost."""
        try:
            after = self.snapshot(run)
        except StoreError:
            return ["the run"]
        return [f"{len(gone)} {kind}" for kind in before if (gone := before[kind] - after[kind])]

    def survive(
        self, fault: str, run: Run, before: dict[str, set], went_on: Callable[[], object]
    ) -> Row:
        """Wait until page and run have recovered and the run is over; return the result."""
        begun = self.looked_at  # just before the fault
        self.until(self.answers)
        answered = time.monotonic() - begun
        self.until(went_on)
        waited = time.monotonic() - begun
        self.until(lambda: self.store.run(run.id).state in INACTIVE_STATES)
        done = self.store.run(run.id)
        state = f"{done.state}, {done.epochs} of {done.planned} epochs"
        return Row(fault, self.lost(before, run), answered, waited, state, list(self.said))
