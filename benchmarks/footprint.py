"""Memory of the app by process: `python -m benchmarks.footprint`, 5 minutes.

    python -m benchmarks.footprint [--runs 20] [--no-browser]

Starts the server with its own database, and reads the memory of it and its children three times
per second (Linux). In MB of a million bytes:

- RSS: all resident memory. A shared page counts once for each process that shares it.
- PSS: resident memory with shared pages divided among their processes, so that sums are correct.
- own: memory that no file backs. The rest are libraries and the data set, which the
  system can drop if short.

Reports the peak of each stage, by process and of all processes at one moment. The stages follow
one another in one hosted server with its default limits: idle, a browser that visits each page,
training of note-1, a queue of short runs, and the worst case: training of a network at all limits
beside jobs and browser, two of the jobs about another such network.
"""

import argparse
import contextlib
import os
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import Page

from benchmarks.feel import PAGES, heading
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.network.notation import parse
from mnist_core.network.presets import find
from mnist_core.network.spec import Network, Spec, Split, Training
from mnist_core.storage.runs import Store
from tests.browser.driver import browser, go, serve
from tests.helpers import wait_until

EVERY_S = 0.3
LARGE, BATCH = "C48same C48same M F D155", 265  # 1.48 of 1.5 million parameters, 18.1 of 20
# million multiply-adds, 99.8 of 100 MB put out for a batch
SLOW = ("robustness", "tsne")  # jobs that would take minutes about a large network
KINDS = {"streamlit": "server", "--no-nanny": "worker", "scheduler": "scheduler"}


class Watch:
    """Samples the memory of a process and its children; keeps the peak of each stage."""

    def __init__(self, pid: int) -> None:
        self._server = psutil.Process(pid)
        self.most: dict[str, dict[str, list[float]]] = {}
        self._stage, self._over = "start", threading.Event()
        self._thread = threading.Thread(target=self._run)

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._over.set()
            self._thread.join()

    def stage(self, name: str) -> None:
        """Begin a stage, and print the peak of the stage before."""
        before, self._stage = self._stage, name
        for kind, figures in self.most.get(before, {}).items():
            print(f"| {before} | {kind} | {' | '.join(f'{x:,.0f}' for x in figures)} |", flush=True)

    def _run(self) -> None:
        while not self._over.wait(EVERY_S):
            stage, sums = self._stage, defaultdict(lambda: [0.0, 0.0, 0.0])
            for process in [self._server, *self._server.children(recursive=True)]:
                with contextlib.suppress(psutil.Error, OSError):
                    held = read(process.pid)
                    for kind in (kind_of(process), "together"):
                        sums[kind] = [a + b for a, b in zip(sums[kind], held, strict=True)]
            most = self.most.setdefault(stage, {})
            for kind, held in sums.items():
                most[kind] = list(map(max, most.get(kind, held), held))


def read(pid: int) -> list[float]:
    """Return RSS, PSS and own memory of a process in MB."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    kilobytes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    return [1.024e-3 * kilobytes[name] for name in ("Rss", "Pss", "Anonymous")]


def kind_of(process: psutil.Process) -> str:
    line = " ".join(process.cmdline())
    return next((kind for part, kind in KINDS.items() if part in line), "other")


def queue(store: Store, network: Network, epochs: int, batch_size: int = 128, **split: Any) -> Run:
    spec = Spec(
        network=network,
        training=Training(epochs=epochs, batch_size=batch_size),
        split=Split.model_validate({"kind": "last"} | split),
    )
    return store.create_run(spec)


def over(store: Store, run: Run) -> bool:
    found = store.run(run.id)
    assert found.state in ("queued", "running", "finished"), found.reason
    return found.state == "finished"


def tour(page: Page) -> None:
    """Visit each page once."""
    for title, words in PAGES.items():
        go(page, title)
        heading(page, words)


def measure(watch: Watch, store: Store, runs: int, visit: Callable[[], None]) -> None:
    note = find("note-1").network
    first = queue(store, note, 1, count=500, limit=1000)  # warms up the worker
    wait_until(lambda: over(store, first))
    watch.stage("idle")
    threading.Event().wait(5)
    watch.stage("a browser on every page")
    visit()
    watch.stage("note-1 in training")
    one = queue(store, note, 1, count=10_000)
    wait_until(lambda: over(store, one), 900)
    watch.stage(f"{runs} short runs")
    for run in [queue(store, note, 1, count=1000, limit=4000) for _ in range(runs)]:
        wait_until(lambda run=run: over(store, run), 900)
    watch.stage("the worst")
    small = queue(store, parse(LARGE), 1, BATCH, count=500, limit=1000)
    wait_until(lambda: over(store, small), 900)
    large = queue(store, parse(LARGE), 3, BATCH, count=1000, limit=5000)
    asked = [(one if name in SLOW else small, name) for name in jobs.NAMES]
    for run, name in asked:
        jobs.enqueue(store, run.id, name)
    visit()
    wait_until(lambda: over(store, large), 1800)
    wait_until(lambda: all(jobs.result(store, store.run(r.id), n) for r, n in asked), 1800)
    watch.stage("")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--no-browser", action="store_true")
    arguments = parser.parse_args()
    os.environ["MNIST_HOSTED"] = "1"
    print("| stage | process | RSS | PSS | own |\n| --- | --- | ---: | ---: | ---: |", flush=True)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True)))
        server = stack.enter_context(serve(folder))
        watch = Watch(server.process.pid)
        stack.enter_context(watch.running())
        store = Store(url=f"sqlite:///{folder / 'runs.db'}")
        if arguments.no_browser:
            measure(watch, store, arguments.runs, lambda: None)
            return
        page = stack.enter_context(browser()).new_page()
        page.goto(server.address)
        measure(watch, store, arguments.runs, lambda: tour(page))


if __name__ == "__main__":
    main()
