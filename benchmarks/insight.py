"""Cost of the page Look inside, on the shipped examples: `python -m benchmarks.insight`, 2 minutes.

Times questions about one image, cold and warm; jobs, with the size of their results; and the
recording of each epoch, with the time that it adds to a training. Runs in one process, like a
worker.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.storage.database import default_url
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.hardware import describe_processor
from mnist_core.utils.tensorflow import start_tensorflow

ROUNDS = 10


def timed(act: Callable[[], object]) -> float:
    """Return the seconds that a call takes."""
    begin = time.perf_counter()
    act()
    return time.perf_counter() - begin


def questions(run: Run, store: Store) -> None:
    from mnist_core.execution.runner import feature_extractor
    from mnist_core.insight.questions import QUESTIONS

    opened = feature_extractor(store, run.id)
    images = mnist.load().x_test
    for name, ask in QUESTIONS.items():
        seconds = [
            timed(lambda i=i, ask=ask: ask(opened, images[i : i + 1])) for i in range(ROUNDS)
        ]
        first, warm = 1000 * seconds[0], 1000 * statistics.median(seconds[1:])
        print(f"| {run.name} | {name} | {first:,.0f} | {warm:,.1f} |", flush=True)


def work(run: Run, store: Store) -> None:
    from mnist_core.execution.job_tasks import run_job as do

    for name in jobs.NAMES:
        jobs.enqueue(store, run.id, name)
        took = timed(lambda name=name: do(store, run.id, name))
        kept = store.get(run.id, f"insight/{name}") or b""
        found = 1000 * timed(lambda name=name: jobs.result(store, run, name))
        size = len(kept) / 2**20
        print(f"| {run.name} | {name} | {took:.1f} | {size:.2f} | {found:.0f} |", flush=True)


def main() -> None:
    start_tensorflow()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_DATABASE_URL"] = f"sqlite:///{Path(folder) / 'runs.db'}"
        examples.install()
        store = Store(EXAMPLES, default_url())
        runs = store.examples()
        print(f"Measured on: {describe_processor()}.\n\n| run | question | first, ms | warm, ms |")
        print("| --- | --- | ---: | ---: |")
        for run in runs:
            questions(run, store)
        print("\n| run | job | seconds | kept, MB | read back, ms |")
        print("| --- | --- | ---: | ---: | ---: |")
        for run in runs:
            work(run, store)


if __name__ == "__main__":
    main()
