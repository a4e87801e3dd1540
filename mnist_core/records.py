"""What a run has left in the store, read back and planned further; no TensorFlow."""

from dataclasses import replace

import numpy as np

from mnist_core import dataset
from mnist_core.arrays import unpack
from mnist_core.claims import AT_REST
from mnist_core.database import StoreError
from mnist_core.evaluate import Report
from mnist_core.progress import Checkpoint
from mnist_core.store import Store


def weights(store: Store, run_id: int) -> dict[str, np.ndarray]:
    """The weights that a run has to show, by name. Raises StoreError before it has any."""
    state = store.run(run_id).state
    data = store.get(run_id, "weights")
    if data is None:
        raise StoreError(
            f"run {run_id} has no trained weights yet (it is {state}): train or resume it first"
        )
    return unpack(data)


def report(store: Store, run_id: int) -> Report | None:
    """The report of a run that was evaluated, from its kept predictions; else None."""
    store.run(run_id)
    data = store.get(run_id, "predictions")
    return Report(unpack(data)["probabilities"], dataset.load().y_test) if data else None


def showcase(store: Store, run_id: int, epoch: int) -> np.ndarray | None:
    """What the network made of `dataset.showcase()` after an epoch: float32 (20, 10), or None."""
    data = store.get(run_id, f"showcase/{epoch}")
    return unpack(data)["probabilities"] if data else None


def plan_more(store: Store, run_id: int, epochs: int) -> None:
    """Plan `epochs` more for a run at rest, from where it was left: a new leg of its schedule.

    Raises StoreError on a run that waits or runs, or that has no checkpoint.
    """
    run = store.run(run_id)
    data = store.get(run_id, "checkpoint")
    if data is None:
        raise StoreError(f"run {run_id} has no checkpoint yet: resume it without more epochs")
    checkpoint = Checkpoint.from_bytes(data)
    state = checkpoint.state.further(epochs, run.steps)
    if not store.change(run_id, {"state": AT_REST}, planned=state.epochs):
        raise StoreError(f"run {run_id} is {run.state}: wait until it is over, or stop it first")
    store.put(run_id, "checkpoint", replace(checkpoint, state=state).to_bytes())
