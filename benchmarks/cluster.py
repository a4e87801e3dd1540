"""Time of one study on a cluster with one worker and with two.

    python -m benchmarks.cluster [--trials 12] [--rounds 1]

Starts PostgreSQL, and for each measurement a scheduler and workers with one TensorFlow thread each,
all on this machine. Each measurement uses a new database and the same random trials of one network,
and is timed from the start of the study to its end, with warm workers. On two cores the engine, the
scheduler and PostgreSQL compete with the workers.
"""

import argparse
import os
import statistics
import time

from mnist_core.engine.engine import Engine
from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Range, Space, Study
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split
from mnist_core.storage.runs import Store
from mnist_core.utils.hardware import describe_processor
from tests import postgresql
from tests.cluster import cluster
from tests.helpers import wait_until

BASE = Spec(
    network=parse("C8 M C16 M F D64 Drop0.2"), split=Split(kind="last", count=2000, limit=12_000)
)
NAMES = ("one", "two")


def study(trials: int) -> Study:
    return Study(
        base=BASE,
        space=Space(learning_rate=Range(low=5e-4, high=5e-3)),
        trials=trials,
        sampler="random",
        pruning=False,
        trial_epochs=2,
    )


def measure(url: str, workers: int, trials: int) -> float:
    """Return the seconds of one study, after checking that each trial was trained exactly once."""
    with cluster(url, *NAMES[:workers]) as made:
        os.environ |= {"MNIST_DATABASE_URL": url, "DASK_SCHEDULER_ADDRESS": made.address}
        engine, store = Engine(), Store()
        engine.start()
        try:
            # The engine first measures the machine, which warms up training.
            wait_until(lambda: engine.speed() is not None)
            begun = time.perf_counter()
            group = studies.start(store, study(trials))
            engine.wake()
            wait_until(lambda: studies.read(store, group.id).group.state != "running", 1800)
            seconds = time.perf_counter() - begun
            view = studies.read(store, group.id)
            states = [trial.state for trial in view.trials]
            assert states == ["complete"] * trials, states
            shares = [run.worker for run in store.runs(group.id)]
            counts = sorted(shares.count(worker) for worker in set(shares))
            print(f"{workers} workers: {seconds:.1f} s, trials per worker {counts}", flush=True)
        finally:
            engine.stop()
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--rounds", type=int, default=1)
    arguments = parser.parse_args()
    programs = postgresql.programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed: `apt install postgresql`")
    print(f"{describe_processor()}; load {os.getloadavg()[0]:.1f}", flush=True)
    ratios = []
    with postgresql.server(programs, durable=True) as server:
        for number in range(arguments.rounds):
            one, two = (
                measure(
                    postgresql.new_database(server, f"r{number}_{count}"), count, arguments.trials
                )
                for count in (1, 2)
            )
            ratios.append(one / two)
            print(f"round {number + 1}: {one / two:.2f} times sooner", flush=True)
    print(f"two workers are {statistics.median(ratios):.2f} times as fast as one")


if __name__ == "__main__":
    main()
