"""Runs as if trained, and the verdict on a task."""

from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.network.notation import parse
from mnist_core.network.presets import find
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from mnist_core.teaching.lessons.check import Verdict
from mnist_core.teaching.lessons.lesson import AnyCheck

NOTE_5 = find("note-5")
TWO_EPOCHS: dict[str, Any] = {
    "kind": "run",
    "network": "note-5",
    "epochs": 2,
    "test_accuracy": 0.97,
}
CHECKS: TypeAdapter[AnyCheck] = TypeAdapter(Annotated[AnyCheck, Field(discriminator="kind")])


def trained(
    store: Store, accuracy: float | None, spec: Spec = NOTE_5, val_losses=(0.2, 0.1), **columns
) -> Run:
    """As if it had been trained for as many epochs as there are losses, and evaluated."""
    run = store.create_run(spec, queued=False)
    for number, val_loss in enumerate(val_losses, start=1):
        store.record_epoch(run.id, Epoch(number, 0.3 / number, 0.9, val_loss, 0.9, 1e-3, 1.0), b"")
    store.update(run.id, **{"state": "finished", "test_accuracy": accuracy} | columns)
    return store.run(run.id)


def with_settings(network: str | None = None, **settings) -> Spec:
    base = NOTE_5 if network is None else Spec(network=parse(network))
    return change_settings(base, settings)


def verdict(store: Store, answer: str = "", **check: Any) -> Verdict:
    """The verdict on a task; one that is done names the run that counted, but for a search."""
    found = CHECKS.validate_python(check).evaluate(store, answer)
    assert found.run_id is not None or not found.passed or check["kind"] == "study"
    return found
