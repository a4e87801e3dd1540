"""Jobs that are asked for and done in this process."""

import numpy as np

from mnist_core.evaluation.run import Run
from mnist_core.execution import job_tasks, jobs
from mnist_core.storage.runs import Store

RESULT = {"numbers": np.arange(3, dtype=np.float32)}


def do(monkeypatch, function, store: Store, run: Run) -> None:
    """Ask for a job and do it here; it is `function`."""
    monkeypatch.setitem(job_tasks.DO, "tsne", function)
    jobs.enqueue(store, run.id, "tsne")
    job_tasks.run_job(store, run.id, "tsne")


def state(store: Store, run: Run) -> str | None:
    job = jobs.find(store, run.id, "tsne")
    return job and job.state
