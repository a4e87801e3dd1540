"""Studies moved on look by look, with a pretended training."""

from collections.abc import Callable

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run, State
from mnist_core.execution import queue
from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Range, Space, Study
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage import trials
from mnist_core.storage.database import default_url
from mnist_core.storage.runs import Store

BASE = Spec(
    network=parse("C4 M F"),
    training=Training(batch_size=64, epochs=7),
    split=Split(count=500, limit=2000),
)
SPACE = Space(learning_rate=Range(low=1e-4, high=1e-1), filters=(2, 4, 8))


def study(**changes) -> Study:
    return Study.model_validate({"base": BASE, "space": SPACE, "trials": 8} | changes)


def look(places: int = 1) -> None:
    studies.advance(default_url(), places)


def open_runs(store: Store, group: int) -> list[Run]:
    return [row for row in trials.trial_runs(store, group).values() if row.is_active]


def pretend(store: Store, row: Run, *accuracies: float, state: State = "finished") -> None:
    """Train a run that waits, epoch by epoch, as a worker would; it hears when it is to stop."""
    queue.claim(store, row.id)
    for number, accuracy in enumerate(accuracies, start=1):
        epoch = Epoch(number, 0.1, 0.9, 1 - accuracy, accuracy, 0.001, 1.0)
        store.record_epoch(row.id, epoch, b"")
        look()
        if store.run(row.id).request:
            return store.update(row.id, state="stopped", request=None)
    return store.update(row.id, state=state, reason="it broke" if state == "failed" else "")


def all_of(store: Store, group: int, accuracies: Callable[[int], tuple[float, ...]]) -> None:
    """Pretend until nothing waits any more."""
    look()
    while waiting := open_runs(store, group):
        pretend(store, waiting[0], *accuracies(waiting[0].trial or 0))
        look()


def steady(number: int) -> tuple[float, float]:
    return 0.5 + number / 100, 0.6 + number / 100
