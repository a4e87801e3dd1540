"""Load of a whole class: `python -m benchmarks.load --sessions 30 --browsers 5 --minutes 5`.

Starts the hosted app with its own database, and students who browse, edit, draw and train:
WebSocket clients in separate processes, and real browsers. Reports the seconds of each action,
errors, the memory of each process, and whether any student saw another student's runs.
"""

import argparse
import json
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import psutil

from benchmarks.load_watch import LOOK_S, Watch, tree
from mnist_core.utils.hardware import describe_processor
from mnist_core.utils.paths import PROJECT
from tests.browser.driver import Server, serve

A_CLIENT = 50  # students per process
STARTED_S = 60
BAD = re.compile(r"WARNING|ERROR|CRITICAL|Traceback|Exception")


def active_sessions(server: Server) -> int:
    """Return the number of active sessions, as Streamlit's runtime counts them."""
    with urlopen(f"{server.address}/_stcore/metrics") as answer:
        found = re.search(r"^active_sessions\S* (\d+)", answer.read().decode(), re.MULTILINE)
    return int(found[1]) if found else 0


def of_database(path: Path) -> dict[str, Any]:
    """Return the runs by state, and the number of workspaces with runs of several students."""
    states: dict[str, int] = defaultdict(int)
    seeds: dict[str, set[int]] = defaultdict(set)
    with sqlite3.connect(path) as database:
        for workspace, state, spec in database.execute("SELECT workspace, state, spec FROM runs"):
            if workspace != "examples":
                states[state] += 1
                seeds[workspace].add(json.loads(spec)["training"]["seed"])
    shared = sum(len(own) > 1 for own in seeds.values())
    return {"runs": dict(states), "workspaces": len(seeds), "shared workspaces": shared}


def start_students(server: Server, sessions: int, browsers: int, seconds: float, folder: Path):
    """Start the processes of the students; return them and the files that they will write."""
    parts = [
        ("load_client", first, min(A_CLIENT, sessions - first))
        for first in range(0, sessions, A_CLIENT)
    ]
    parts += [("load_browser", sessions, browsers)] if browsers else []
    started = []
    for name, first, count in parts:
        file = folder / f"{name}{first}.json"
        arguments = [server.address, str(first), str(count), str(seconds), str(file)]
        command = [sys.executable, "-m", f"benchmarks.{name}", *arguments]
        started.append((name, subprocess.Popen(command, cwd=PROJECT), file))
    return started


def measure(sessions: int, browsers: int, seconds: float, folder: Path) -> dict[str, Any]:
    """Run one lesson; return its results."""
    with serve(folder) as server:
        wait_for_engine(server)
        students = start_students(server, sessions, browsers, seconds, folder)
        watch = Watch(server.process.pid, [process.pid for _, process, _ in students])
        while any(process.poll() is None for _, process, _ in students):
            watch.look()
            time.sleep(LOOK_S)
        took = time.monotonic() - watch.begin
        left = active_sessions(server)
        log = [line for line in server.log.read_text().splitlines() if BAD.search(line)]
        results = {name: [] for name in ("load_client", "load_browser")}
        for name, _, file in students:
            results[name].append(json.loads(file.read_text()))
    return {
        "device": describe_processor(),
        "sessions": sessions,
        "browsers": browsers,
        "seconds": took,
        "students": {name: together(parts) for name, parts in results.items() if parts},
        "memory": watch.growth(seconds),
        "looks at memory": watch.memory,
        "cpu": watch.shares(took),
        "active sessions left": left,
        "log": log,
        **of_database(folder / "runs.db"),
    }


def wait_for_engine(server: Server) -> None:
    """Wait until the worker has done its speed measurement, as before a real lesson."""
    app = psutil.Process(server.process.pid)
    quiet, used, deadline = 0, 0.0, time.monotonic() + STARTED_S
    while quiet < 3 and time.monotonic() < deadline:
        time.sleep(1)
        before, used = used, sum(sum(process.cpu_times()[:2]) for process in tree(app))
        quiet = quiet + 1 if used - before < 0.2 else 0


def together(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """Merge the results of several processes, with percentiles of each action in ms."""
    seconds: dict[str, list[float]] = defaultdict(list)
    for part in parts:
        for kind, took in part["seconds"].items():
            seconds[kind] += took
    actions = {
        kind: {
            "count": len(took),
            **{f"p{p}": float(1000 * np.percentile(took, p)) for p in (50, 95, 99)},
            "max": 1000 * max(took),
        }
        for kind, took in sorted(seconds.items())
        if took
    }
    sums = ("messages", "bytes", "own_marks", "foreign_marks", "trainings")
    errors = [error for part in parts for error in part["errors"]]
    return {"actions": actions, "errors": errors} | {n: sum(p[n] for p in parts) for n in sums}


def show(found: dict[str, Any]) -> None:
    """Print the results as tables."""
    print(f"{found['sessions']} sessions and {found['browsers']} browsers for ", end="")
    print(f"{found['seconds']:.0f} s on: {found['device']}.")
    for name, met in found["students"].items():
        print(f"\n| {name} | count | p50, ms | p95 | p99 | max |")
        print("| --- | ---: | ---: | ---: | ---: | ---: |")
        for kind, row in met["actions"].items():
            print("| " + " | ".join([kind, *(f"{value:,.0f}" for value in row.values())]) + " |")
        print(f"\n{met['trainings']} trainings; {met['messages']:,} messages, ", end="")
        print(f"{met['bytes'] / 1e6:,.0f} MB, with the own mark in {met['own_marks']:,}, ", end="")
        print(f"with another's in {met['foreign_marks']:,}; {len(met['errors'])} errors.")
        for error in met["errors"][:20]:
            print(f"  {error}")
    print("\n| process | rss warm, MB | rss end | growth | uss warm | uss end | growth |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for name, row in found["memory"].items():
        cells = [name]
        for of in ("rss", "uss"):
            first, last = row[of], row[f"{of}_end"]
            cells += [f"{first:.0f}", f"{last:.0f}", f"{last / first - 1:+.1%}"]
        print("| " + " | ".join(cells) + " |")
    shares = ", ".join(f"{what} {share:.2f}" for what, share in found["cpu"].items())
    print(f"\nCores in use: {shares}.")
    print(f"Runs: {found['runs']} in {found['workspaces']} workspaces, ", end="")
    print(f"{found['shared workspaces']} of them with runs of several students.")
    print(f"Sessions left: {found['active sessions left']}. Log: {len(found['log'])} lines.")
    for line in found["log"][:20]:
        print(f"  {line[:200]}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--browsers", type=int, default=5)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--json", type=Path)
    given = parser.parse_args()
    os.environ["MNIST_HOSTED"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        found = measure(given.sessions, given.browsers, 60 * given.minutes, Path(folder))
    show(found)
    if given.json:
        given.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
