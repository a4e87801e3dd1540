"""The progress of a run, in words and as a share of its batches."""

from mnist_core.evaluation.run import Run
from mnist_core.execution import queue
from mnist_core.utils.text import duration, plural
from ui.session import cache


def done(run: Run) -> float:
    """Return the share of the planned batches that are trained, in [0, 1]."""
    part = run.step / run.steps if run.steps else 0.0
    return min(1.0, (run.epochs + part) / run.planned)


def state_text(run: Run) -> str:
    """Return the state of a run in words, with the reason if there is one."""
    reason = f" {run.reason[:1].upper()}{run.reason[1:]}." if run.reason else ""
    if run.state == "queued":
        return _waiting(run) + reason
    if run.state != "running":
        return f"{run.state.capitalize()} after {trained(run)}.{reason}"
    if run.request:
        return f"Will {run.request} after this batch ..."
    if run.epochs == run.planned:
        return "Reading the 10,000 test images ..." if run.sees_test else "Saving the weights ..."
    if not run.step and not run.epochs:
        return f"Preparing the first batch ...{reason}"
    left = f", {time_left(run.eta_s)} left" if run.eta_s else ""
    batch = f"batch {run.step:,} of {run.steps:,}"
    return f"Epoch {run.epochs + 1} of {run.planned}, {batch}{left}.{reason}"


def rate_text(run: Run, changes: list[tuple[float, float]]) -> str:
    """Return the learning rate that a person has chosen, in words; empty once it is in use.

    changes: what `load_rate_changes` returns.
    """
    now = changes[-1][1] if changes else None
    if run.learning_rate in (None, now) or run.state not in ("running", "paused"):
        return ""
    begins = "when training resumes" if run.state == "paused" else "in the next epoch"
    return f"The learning rate changes to {run.learning_rate:g} {begins}."


def trained(run: Run) -> str:
    """Return how much of a run is trained: 2 of 5 epochs, or 45 % of epoch 3 of 5."""
    if run.step and run.steps:
        return f"{100 * run.step / run.steps:.0f} % of epoch {run.epochs + 1} of {run.planned}"
    return f"{run.epochs} of {plural(run.planned, 'epoch')}"


def time_left(seconds: float) -> str:
    """Return a remaining time in words: about 8 s, 40 s, 3 min."""
    if seconds < 10:
        return f"about {max(1, round(seconds))} s"
    if seconds < 90:
        return f"about {5 * round(seconds / 5)} s"
    return f"about {round(seconds / 60)} min" if seconds < 5400 else f"about {duration(seconds)}"


def _waiting(run: Run) -> str:
    status = cache.engine().status()
    if not status.ready:
        return f"Waiting: {status.words}."
    if run.request == "stop":
        return "Waiting to read the 10,000 test images."
    place, seconds = queue.position(run, cache.engine().speed(), status.places)
    rank = "first in the queue" if place <= 1 else f"number {place} in the queue"
    return f"Waiting, {rank}{f': starts in {time_left(seconds)}' if seconds else ''}."
