"""What a reader of a run's files has to know of it; no TensorFlow."""

from mnist_core.notation import write
from mnist_core.store import Run
from mnist_core.words import in_context, plural

TEST_IMAGES = 10_000


def title(run: Run) -> str:
    """Run 12, "wide": C32 M F D64."""
    name = f', "{run.name}"' if run.name else ""
    return f"Run {run.id}{name}: {write(run.spec.network)}"


def result(run: Run) -> str:
    """One sentence: what the app measured on the test set, or why it did not."""
    if run.test_accuracy is None:
        reason = "has not been" if run.sees_test else "is, as a trial of settings, never"
        return f"This run {reason} measured on the test images."
    words = in_context(run.test_accuracy, TEST_IMAGES)
    loss = f", test loss {run.test_loss:.4f}" if run.test_loss is not None else ""
    return f"The app measured a test accuracy of {words}{loss}."


def histories(run: Run) -> list[str]:
    """What in a run's life its settings alone do not say, a sentence each."""
    if run.origin:
        return [
            f"Its weights were trained elsewhere and came from the file {run.origin!r}: how they "
            "were trained is not known here."
        ]
    told, planned = [], run.spec.training.epochs
    if run.planned != planned:
        told.append(
            f"It was planned for {plural(planned, 'epoch')} and then trained further, to "
            f"{run.planned}; each stretch has its own course of the learning rate."
        )
    if run.learning_rate is not None:
        told.append(
            f"Somebody set its peak learning rate to {run.learning_rate:g} while it trained."
        )
    if run.epochs < run.planned:
        reason = f" ({run.reason})" if run.reason else ""
        told.append(
            f"It is {run.state}{reason} after {run.epochs} of {plural(run.planned, 'epoch')}."
        )
    return told
