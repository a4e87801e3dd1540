"""Running the jobs of `execution.jobs` in a worker process. Imports TensorFlow."""

import time
from collections.abc import Callable

import numpy as np

from mnist_core.evaluation.run import Run
from mnist_core.execution import embedding, jobs, label_error_search, robustness
from mnist_core.execution.jobs import Tell
from mnist_core.execution.recorder import retry_while_away
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import MnistError

REPORT_EVERY_S = 0.25

DO: dict[str, Callable[[Store, Run, Tell], dict[str, np.ndarray]]] = {
    "embedding": embedding.embed,
    "tsne": embedding.tsne,
    "robustness": robustness.curves,
    "suspects": label_error_search.search,
}


class Cancelled(Exception):
    """The job was cancelled while it ran."""


def run_job(store: Store, run_id: int, name: str) -> None:
    """Run a job if it still waits; its result, or why there is none, is in the store."""
    if not jobs.claim(store, run_id, name):
        return
    reported = 0.0

    def report(done: float) -> None:
        nonlocal reported
        if time.perf_counter() - reported >= REPORT_EVERY_S:
            reported = time.perf_counter()
            if not jobs.report(store, run_id, name, done):
                raise Cancelled

    try:
        run = store.run(run_id)
        found = DO[name](store, run, report)
        retry_while_away(lambda: jobs.store_result(store, run, name, found))
    except Cancelled:
        pass
    except MnistError as error:
        reason = str(error)
        retry_while_away(lambda: jobs.fail(store, run_id, name, reason))
    except Exception as error:
        reason = f"it ended in an error ({type(error).__name__}: {error})"
        retry_while_away(lambda: jobs.fail(store, run_id, name, reason))
        raise
