"""The records: the quickest network, the most accurate, the smallest, over several seeds.

    python -m benchmarks.records [--only NAME ...] [--seeds N]

Each run is the command `python -m mnist_core train PRESET --seed S` in its own process. The tables
have the test accuracy after the last epoch, the training time that the run reports, and the time of
the whole command from a cold start. The runs of the most accurate preset then vote, and each is
evaluated again on shifted copies of the test images. Prints one table in Markdown.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from statistics import mean

SEEDS = {"fast": 10, "accurate": 5, "under-8000": 3, "under-2000": 3, "under-600": 3}
"""The number of seeds per preset."""

VOTERS = "accurate"
STARTS = {
    "Python and the imports of the command line": "import mnist_core.cli.main",
    "the same with TensorFlow and the images": (
        "import mnist_core.cli.main as m; m.show.start_tensorflow()"
    ),
}


def command(*arguments: str) -> dict:
    """Return what a command of `mnist_core` prints as JSON, and its seconds as `command`."""
    start = time.perf_counter()
    words = [sys.executable, "-m", "mnist_core", *arguments, "--json"]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        sys.exit(done.stderr)
    return json.loads(done.stdout) | {"command": time.perf_counter() - start}


def record(name: str, seeds: int) -> list[dict]:
    """Train a preset with several seeds, and print its row."""
    runs = []
    for seed in range(seeds):
        runs.append(command("train", name, "--seed", str(seed)))
        last = runs[-1]
        print(
            f"{name} {seed}: {last['test_accuracy']:.4%} {last['seconds']:.1f} s "
            f"{last['command']:.1f} s",
            file=sys.stderr,
            flush=True,
        )
    accuracies = [run["test_accuracy"] for run in runs]
    print(
        f"| `{name}` | `{runs[0]['notation']}` | {runs[0]['parameters']:,} | {runs[0]['epochs']} "
        f"| {seeds} | {mean(accuracies):.3%} | {min(accuracies):.2%} to {max(accuracies):.2%} "
        f"| {mean(run['seconds'] for run in runs):.1f} "
        f"| {mean(run['command'] for run in runs):.1f} |",
        flush=True,
    )
    return runs


def print_vote(runs: list[dict]) -> None:
    """Print rows for the mean answer of these runs, and for each run with shifted copies."""
    from mnist_core.evaluation.ensemble import vote
    from mnist_core.storage.artifacts import load_report
    from mnist_core.storage.runs import Store

    reports = [load_report(Store(), run["id"]) for run in runs]
    found = vote([report for report in reports if report])
    shifted = [
        command("evaluate", str(run["number"]), "--shifts", "1")["shifted"]["test_accuracy"]
        for run in runs
    ]
    print(
        f"| a vote of these {len(runs)} | | {sum(run['parameters'] for run in runs):,} | | "
        f"| {found.report.accuracy:.2%} | | {sum(run['seconds'] for run in runs):.0f} | |\n"
        f"| each with the test images at nine places | | | | {len(runs)} | {mean(shifted):.3%} "
        f"| {min(shifted):.2%} to {max(shifted):.2%} | | |",
        flush=True,
    )


def starts() -> None:
    """Print the seconds before a command trains: the best of three."""
    print()
    for words, code in STARTS.items():
        seconds = []
        for _ in range(3):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
            seconds.append(time.perf_counter() - start)
        print(f"{words}: {min(seconds):.1f} s")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", choices=SEEDS, default=list(SEEDS))
    parser.add_argument("--seeds", type=int, help="Instead of each preset's own number.")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.environ["MNIST_DATABASE_URL"] = f"sqlite:///{folder}/runs.db"
        head = "| preset | network | parameters | epochs | seeds | test accuracy, mean | from, to "
        print(head + "| training, s | command, s |")
        print("| --- | --- | ---: | ---: | ---: | ---: | --- | ---: | ---: |")
        for name in arguments.only:
            runs = record(name, arguments.seeds or SEEDS[name])
            if name == VOTERS and len(runs) > 1:
                print_vote(runs)
        if "fast" in arguments.only:
            starts()


if __name__ == "__main__":
    main()
