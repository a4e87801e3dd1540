"""Training the networks of the course notes, to compare with what the notes report."""

from collections.abc import Iterator

from mnist_core.evaluation.history import Listener
from mnist_core.execution.runner import execute
from mnist_core.network.naming import describe
from mnist_core.network.presets import NOTES, Result
from mnist_core.network.spec import Spec
from mnist_core.storage import groups
from mnist_core.storage.runs import Store


def reproduce_notes(
    store: Store, names: tuple[str, ...], quick: bool, watcher: Listener
) -> Iterator[Result]:
    """Train the networks of the named notes, or of all, and yield their results.

    quick: train each for one epoch. A run that is stopped ends the series without a result.
    """
    group = groups.create(store, "reproduce", "the course notes").id
    for preset in (preset for name in names or NOTES for preset in NOTES[name]):
        spec = _shortened(preset.spec) if quick else preset.spec
        created = store.create_run(spec, describe(spec), group, queued=False)
        run = execute(store, created.id, watcher)
        if run.state != "finished" or run.test_accuracy is None or run.test_loss is None:
            return
        yield Result(
            name=preset.name,
            id=run.id,
            number=run.number,
            epochs=run.epochs,
            reported_parameters=preset.parameters,
            parameters=run.parameters,
            reported_accuracy=preset.accuracy,
            test_accuracy=run.test_accuracy,
            reported_loss=preset.loss,
            test_loss=run.test_loss,
            seconds=run.seconds,
        )


def _shortened(spec: Spec) -> Spec:
    """Return a spec with one epoch."""
    return spec.model_copy(update={"training": spec.training.model_copy(update={"epochs": 1})})
