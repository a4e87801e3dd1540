"""Fuzzing with hostile input: `python -m benchmarks.fuzz notation --minutes 10`.

Stops at the first input that gives neither a value nor an error message, and prints it. If a
decoder crashes the process, the file named at the start holds the input. `--seed` repeats a run of
the same length. Refusals are counted by their text without numbers and quotations.
"""

import argparse
import logging
import os
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest import SkipTest

from hypothesis import Phase, given, seed, settings
from hypothesis import strategies as st

from tests.mnist_core.fuzz import TARGETS, UNCHECKED

BATCH = 500  # inputs per seed
SHOWN = 15  # refusals printed
NAMES = ("notation", "json", "link", "images", "lessons", "query")


def peak_mb() -> float:
    """Return the peak memory of this process in MB; NaN on Windows."""
    try:
        import resource
    except ImportError:
        return float("nan")
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 2**20 if sys.platform == "darwin" else most / 2**10


def kind(words: str) -> str:
    """Return a refusal without numbers and quotations."""
    words = re.sub(r"'[^']*'|\"[^\"]*\"|'.*|\".*", "…", words)
    return re.sub(r"\d[\d,.]*", "0", words)[:90]


class Run:
    """The counts of one target."""

    def __init__(self, target: Callable[[Any], str], minutes: float, last: Path) -> None:
        self.target, self.last = target, last
        self.end = time.monotonic() + 60 * minutes
        self.told: Counter[str] = Counter()
        self.slowest, self.culprit = 0.0, ""

    def one(self, received: Any) -> None:
        """Try an input, unless the time is up."""
        if time.monotonic() > self.end:
            raise SkipTest("the time is up")  # ends a run of Hypothesis at once
        self.last.write_text(repr(received), encoding="utf-8", errors="backslashreplace")
        start = time.perf_counter()
        told = self.target(received)
        taken = time.perf_counter() - start
        self.told[told if told == "accepted" else kind(told)] += 1
        if taken > self.slowest:
            self.slowest, self.culprit = taken, repr(received)[:100]

    def batches(self, inputs: st.SearchStrategy, first: int) -> None:
        """Run batches, each with its own seed, until the time is up."""
        while time.monotonic() < self.end:

            @seed(first)
            @settings(
                max_examples=BATCH,
                phases=[Phase.generate],
                database=None,
                deadline=None,
                suppress_health_check=UNCHECKED,
            )
            @given(inputs)
            def batch(received: Any) -> None:
                self.one(received)

            with suppress(SkipTest):
                batch()
            first += 1

    def report(self, before_mb: float) -> None:
        total, accepted = self.told.total(), self.told.pop("accepted", 0)
        print(f"{total:,} inputs: {accepted:,} accepted, {total - accepted:,} refused in", end=" ")
        print(f"{len(self.told):,} ways; the slowest took {self.slowest:.2f} s: {self.culprit}")
        print(f"memory at its peak: {before_mb:.0f} MB before, {peak_mb():.0f} MB after")
        for words, count in self.told.most_common(SHOWN):
            print(f"{count:9,} {words}")


def pages() -> tuple[Callable[[Any], str], st.SearchStrategy]:
    """Return a target that opens pages with fuzzed addresses, with the examples in the database."""
    from mnist_core.engine import examples
    from tests.ui import fuzz
    from ui.session import cache

    logging.disable(logging.WARNING)  # Streamlit warns about running without a browser
    examples.install()
    cache.engine = lambda: fuzz.Engine()  # type: ignore[assignment]

    def target(address: tuple[str, dict]) -> str:
        at = fuzz.open_page(*address)
        if failure := fuzz.failure(at):
            raise AssertionError(failure)
        return next((message.value for message in (*at.error, *at.warning)), "accepted")

    return target, fuzz.addresses()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", choices=NAMES)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    os.environ["MNIST_DATABASE_URL"] = f"sqlite:///{folder / 'fuzz.db'}"
    if chosen.target == "query":
        target, inputs = pages()
    else:
        target, inputs = TARGETS[chosen.target]
    run = Run(target, chosen.minutes, folder / "last-input.txt")
    print(f"{chosen.target}, seed {chosen.seed}; the input in hand is in {run.last}")
    before = peak_mb()
    try:
        run.batches(inputs, chosen.seed)
    except BaseException:
        print(f"after {run.told.total():,} inputs, this one failed: {run.last.read_text()[:2000]}")
        raise
    finally:
        run.report(before)


if __name__ == "__main__":
    main()
