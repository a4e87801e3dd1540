"""Sentences about a run for its files, as plain text; no TensorFlow."""

from mnist_core.dataset.mnist import TEST_IMAGES
from mnist_core.evaluation.run import Run
from mnist_core.network.notation import write
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.text import accuracy_in_context, one_line, plural

_ENDED = {
    "queued": "It is waiting for its turn",
    "running": "It was still in training",
    "paused": "Training was paused",
    "stopped": "Training was stopped",
    "interrupted": "Training was interrupted",
    "failed": "Training failed",
    "finished": "Training ended",
}


def title(run: Run) -> str:
    """Return the title of a run: Run 12, "wide": C32 M F D64; or Example, "note-5": C8 M F."""
    name = f', "{one_line(run.name)}"' if one_line(run.name) else ""
    which = "Example" if run.workspace == EXAMPLES else f"Run {run.number}"
    return f"{which}{name}: {write(run.spec.network)}"


def result(run: Run) -> str:
    """Return a sentence with the test result, or the reason why there is none."""
    if run.test_accuracy is None:
        reason = "has not been" if run.sees_test else "is, as a trial of settings, never"
        return f"This run {reason} measured on the test images."
    words = accuracy_in_context(run.test_accuracy, TEST_IMAGES)
    loss = f", test loss {run.test_loss:.4f}" if run.test_loss is not None else ""
    return f"The app measured a test accuracy of {words}{loss}."


def stopped_early(run: Run) -> bool:
    """Whether early stopping ended the run, which the exported code repeats."""
    return run.state == "finished" and run.reason == "early stopping"


def deviations(run: Run) -> list[str]:
    """Return sentences about the events of a run that its settings do not show."""
    if run.origin:
        reason = one_line(run.reason) or "trained elsewhere"
        return [f"Its weights came from the file {one_line(run.origin)!r}: {reason}."]
    told, planned = [], run.spec.training.epochs
    if run.planned != planned:
        told.append(
            f"It was planned for {plural(planned, 'epoch')} and then trained further, to "
            f"{run.planned}; each part has its own learning rate schedule."
        )
    if run.learning_rate is not None:
        told.append(f"Its peak learning rate was changed to {run.learning_rate:g} during training.")
    if run.epochs < run.planned and not stopped_early(run):
        reason = f" ({one_line(run.reason)})" if run.reason else ""
        told.append(
            f"{_ENDED[run.state]} after {run.epochs} of {plural(run.planned, 'epoch')}{reason}."
        )
    return told
