"""A class that writes, and its wall: `python -m benchmarks.load_wall --writers 30`, four minutes.

Starts the hosted app with its own database, 30 writers without browsers in a class workspace,
and a projector: Chromium with the wall. In the middle the server is killed and started again.
Reports the seconds from a click on Save until the digit is on the wall, errors, and losses.
"""

import argparse
import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.faults_app import App
from benchmarks.load_writers import DIGITS
from mnist_core.storage.workspaces import new_class_token, workspace_of
from mnist_core.utils.hardware import describe_processor
from mnist_core.utils.paths import PROJECT
from tests.browser.driver import DESKTOP, browser, free_port

AROUND_S = 5  # before the server was killed: digits that were on their way

# The number of digits on the wall, each time that it changes, with the time in ms.
WATCH = """
window.counts = [];
const wall = root => {
    for (const each of root.querySelectorAll('*')) {
        if (each.classList.contains('wall')) return each;
        const inside = each.shadowRoot && wall(each.shadowRoot);
        if (inside) return inside;
    }
};
let seen = null;
setInterval(() => {
    if (!seen?.isConnected) seen = wall(document);
    const count = seen ? seen.querySelectorAll('figure').length : 0;
    if (count !== (counts.at(-1)?.[1] ?? 0)) counts.push([Date.now(), count]);
}, 20);
"""


def measure(writers: int, folder: Path) -> dict[str, Any]:
    """Run the lesson; return the measurements."""
    token, file = new_class_token(), folder / "writers.json"
    with browser() as opened, ExitStack() as after:
        page = opened.new_context(**DESKTOP).new_page()
        page.add_init_script(WATCH)
        app = App(folder, free_port(), page)
        after.callback(lambda: app.process.kill())  # also where the lesson fails
        page.goto(f"{app.address}/handwriting?workspace={token}&handwriting_tab=Wall")
        app.until(lambda: page.get_by_text("No digits yet").count())
        command = [sys.executable, "-m", "benchmarks.load_writers", app.address, token]
        process = subprocess.Popen([*command, str(writers), str(file)], cwd=PROJECT)
        after.callback(process.kill)

        def shown() -> int:
            return page.evaluate("counts.at(-1)?.[1] ?? 0")

        app.until(lambda: shown() >= writers * DIGITS / 2)
        killed, before = time.time(), shown()
        app.stop(signal.SIGKILL)
        app.start()
        healthy = time.time()
        app.until(lambda: shown() > before)
        back = time.time()
        app.until(lambda: process.poll() is not None, 600)
        app.until(lambda: shown() == len(saved(app.path, token)), 30)
        counts, errors = page.evaluate("counts"), [words for words in app.said if "rror" in words]
        app.stop()
    records = json.loads(file.read_text())
    rows = saved(folder / "runs.db", token)
    found = {"device": describe_processor(), "writers": writers, "server back": healthy - killed}
    found |= {"wall back": back - killed, "messages of the wall": errors}
    return found | compare(records, rows, counts, (killed - AROUND_S, back))


def saved(path: Path, token: str) -> list[tuple[int, int, int, bytes]]:
    """Return id, writer, label and image of each digit of a class, the oldest first."""
    query = "SELECT id, writer, label, image FROM handwriting WHERE workspace = ? ORDER BY id"
    with sqlite3.connect(path) as database:
        return database.execute(query, [workspace_of(token)]).fetchall()


def compare(
    records: list[dict[str, Any]],
    rows: list[tuple[int, int, int, bytes]],
    counts: list[tuple[float, int]],
    around: tuple[float, float],
) -> dict[str, Any]:
    """Return the seconds to the wall, and what was lost or is there twice.

    counts: time in ms and number of digits on the wall; around: when the server was away.
    """
    times, numbers = np.array([each[0] for each in counts]) / 1000, [each[1] for each in counts]
    usual, away, saving, wrong = [], [], [], 0
    for record in records:
        own = [(rank, row[2]) for rank, row in enumerate(rows, 1) if row[1] == record["writer"]]
        labels = [save["label"] for save in record["saves"]]
        wrong += labels != [label for _, label in own]
        for save, (rank, _) in zip(record["saves"], own, strict=False):
            clicked = save["clicked"]
            at = next(time for time, number in zip(times, numbers, strict=True) if number >= rank)
            (away if around[0] <= clicked <= around[1] else usual).append(at - clicked)
            if save["answered"]:
                saving.append(save["answered"] - clicked)
    answered = sum(save["answered"] is not None for each in records for save in each["saves"])
    return {
        "seconds to the wall": percentiles(usual),
        "seconds to the wall, written around the restart": percentiles(away),
        "seconds of a click on Save": percentiles(saving),
        "seconds of a stroke": percentiles([s for each in records for s in each["strokes"]]),
        "saved": len(rows),
        "acknowledged": answered,
        "writers with other digits than they wrote": wrong,
        "images twice": len(rows) - len({row[3] for row in rows}),
        "connections": Counter(len(each["reconnected"]) for each in records),
        "errors": [error for each in records for error in each["errors"]],
    }


def percentiles(seconds: list[float]) -> dict[str, float]:
    if not seconds:
        return {"count": 0}
    found = {f"p{p}": round(float(np.percentile(seconds, p)), 3) for p in (50, 95)}
    return {"count": len(seconds), **found, "max": round(float(max(seconds)), 3)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--writers", type=int, default=30)
    given = parser.parse_args()
    os.environ["MNIST_HOSTED"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        for what, value in measure(given.writers, Path(folder)).items():
            print(f"{what}: {value}")


if __name__ == "__main__":
    main()
