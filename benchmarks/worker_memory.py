"""A worker over a hundred short runs: `python -m benchmarks.worker_memory`, ten minutes."""

import os
import tempfile
import time

import psutil

from mnist_core.engine import Engine
from mnist_core.notation import parse
from mnist_core.spec import Spec, Split, Training
from mnist_core.store import Store

RUNS = 100
SPEC = Spec(
    network=parse("C8 M C16 M F D64 Drop0.2"),
    training=Training(epochs=1),
    split=Split(kind="last", count=1000, limit=6000),
)


def largest_mib() -> float:
    """Resident memory of the largest child: the worker that trains."""
    sizes = []
    for process in psutil.Process().children(recursive=True):
        try:
            sizes.append(process.memory_info().rss)
        except psutil.NoSuchProcess:
            continue
    return max(sizes) / 2**20


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["MNIST_DATABASE_URL"] = f"sqlite:///{folder}/runs.db"
        engine, store = Engine(), Store()
        engine.start()
        sizes = []
        for number in range(1, RUNS + 1):
            run = store.create_run(SPEC, 27_562)
            engine.wake()
            while store.run(run.id).state != "finished":
                time.sleep(0.05)
            sizes.append(largest_mib())
            if number % 5 == 0:
                print(f"after {number} runs: {sizes[-1]:,.0f} MiB", flush=True)
        ratio = sizes[-1] / sizes[4]
        print(f"after {RUNS} against after 5: {ratio:.3f}; most: {max(sizes):,.0f} MiB")
        engine.stop()


if __name__ == "__main__":
    main()
