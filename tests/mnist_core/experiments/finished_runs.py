"""Runs of an experiment that are over, without a training."""

from mnist_core.evaluation.history import Epoch
from mnist_core.storage.runs import Store


def epoch(number: int, value: float, val: float | None = None) -> Epoch:
    return Epoch(number, 1 - value, value, None if val is None else 1 - val, val, 1e-3, 1.0)


def through(store: Store, run_id: int, accuracy: float, epochs: int = 2, **columns) -> None:
    """As if an engine had trained it: val_accuracy rises to `accuracy`, which the test set has."""
    for number in range(1, epochs + 1):
        late = accuracy - 0.1 * (epochs - number)
        store.record_epoch(run_id, epoch(number, late, late), b"")
    store.update(run_id, **{"state": "finished", "test_accuracy": accuracy} | columns)
