"""How far a run is, in words and as a share of its batches."""

from mnist_core.evaluation.run import Run
from mnist_core.execution import queue
from mnist_core.utils.text import duration
from ui.session import cache


def done(run: Run) -> float:
    """Return the share of the planned batches that are trained, in [0, 1]."""
    part = run.step / run.steps if run.steps else 0.0
    return min(1.0, (run.epochs + part) / run.planned)


def state_text(run: Run) -> str:
    """Return the state of a run in words, with the reason if there is one."""
    reason = f" {run.reason[:1].upper()}{run.reason[1:]}." if run.reason else ""
    if run.state == "queued":
        place, status = queue.place(run), cache.engine().status()
        if not status.ready:
            return f":material/hourglass: Waiting: {status.words}.{reason}"
        first = "the first to go" if place <= 1 else f"number {place} in the queue"
        return f":material/hourglass: Waiting, {first}.{reason}"
    if run.state != "running":
        return f"{run.state.capitalize()} after {run.epochs} of {run.planned} epochs.{reason}"
    if run.request:
        return f"Will {run.request} after this batch ..."
    if run.epochs == run.planned:
        return "Reading the 10,000 test images ..." if run.sees_test else "Keeping the weights ..."
    if not run.step and not run.epochs:
        return f"Preparing the first batch ...{reason}"
    eta = f", about {duration(run.eta_s)} left" if run.eta_s else ""
    batch = f"batch {run.step:,} of {run.steps:,}"
    return f"Epoch {run.epochs + 1} of {run.planned}, {batch}{eta}.{reason}"
