"""What a run has left in the store, read back and planned further; no TensorFlow."""

from dataclasses import dataclass, replace

import numpy as np

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Checkpoint
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import AT_REST, Run
from mnist_core.storage import quota
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.npz import pack, unpack

KERNEL_BYTES = 200_000  # an epoch; a run may have a hundred of them


@dataclass(frozen=True)
class EpochKept:
    """What a network was like after an epoch; nobody may change it.

    probabilities: float32 (20, 10), of `dataset.showcase()`; confusion: uint16 (10, 10), of
    `dataset.sample()`, true digits down; kernel: float16 (k, k, channels, filters), of the first
    convolution, with as many of its input channels as fit; None without a convolution.
    """

    probabilities: np.ndarray
    confusion: np.ndarray
    kernel: np.ndarray | None = None


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
    return Report(unpack(data)["probabilities"], mnist.load().y_test) if data else None


def keep_report(store: Store, run_id: int, probabilities: np.ndarray) -> Report:
    """Keep what a run makes of all test images, and report. probabilities: float32 (10000, 10)."""
    report = Report(probabilities, mnist.load().y_test)
    packed = pack({"probabilities": probabilities})
    figures = {"test_accuracy": report.accuracy, "test_loss": report.loss, "test_ece": report.ece}
    store.put(run_id, "predictions", packed, **figures)
    return report


def first_kernel(weights: dict[str, np.ndarray]) -> np.ndarray | None:
    """The first convolution's kernel as it is kept each epoch: see EpochKept. weights: by name."""
    kernel = weights.get("conv2d_1/kernel")
    if kernel is None:
        return None
    size, _, _, filters = kernel.shape
    channels = KERNEL_BYTES // (size * size * filters * np.dtype(np.float16).itemsize)
    most = np.finfo(np.float16).max  # weights that ran away must not become infinite here
    return np.clip(kernel[:, :, :channels], -most, most).astype(np.float16)


def keep_epoch(store: Store, run_id: int, number: int, kept: EpochKept) -> None:
    """Keep what `epoch` gives back. number: of the epoch, from 1."""
    arrays = {name: array for name, array in vars(kept).items() if array is not None}
    store.put(run_id, epoch_name(number), pack(arrays))


def epoch(store: Store, run_id: int, number: int) -> EpochKept | None:
    """What was kept after an epoch, counted from 1; None where nothing was."""
    data = store.get(run_id, epoch_name(number))
    return EpochKept(**unpack(data)) if data else None


def epoch_name(number: int) -> str:
    """The artifact in which an epoch is kept."""
    return f"epoch/{number}"


def check_ours(run: Run) -> None:
    """Raises StoreError on a run that was not trained here, so that nothing goes on with it."""
    if run.workspace == EXAMPLES:
        raise StoreError(
            f"run {run.id} is an example that ships with the app and stays as it is: train its "
            f"network anew, with `train {run.name}` or on the page Build"
        )
    if run.origin:
        raise StoreError(
            f"run {run.id} was trained elsewhere ({run.origin}), so there is no training to go on "
            "with: train its network as a new run"
        )


def plan_more(store: Store, run_id: int, epochs: int) -> None:
    """Plan `epochs` more for a run at rest, from where it was left: a new leg of its schedule.

    Raises QuotaError over what a hosted server allows, StoreError on a run that waits or runs, or
    that has no checkpoint, and on trials and range tests: they mean something only at their planned
    length.
    """
    run = store.run(run_id)
    data = store.get(run_id, "checkpoint")
    check_ours(run)
    if run.trial is not None:
        raise StoreError(
            f"run {run_id} is a trial, and its study compares all after equally many epochs: train "
            "its settings in full instead"
        )
    if not run.sees_test:
        raise StoreError(
            f"run {run_id} is a learning-rate range test, which is through when its rate has "
            "risen: start another one instead"
        )
    if data is None:
        raise StoreError(f"run {run_id} has no checkpoint yet: resume it without more epochs")
    checkpoint = Checkpoint.from_bytes(data)
    state = checkpoint.state.further(epochs, run.steps)
    quota.check_epochs(state.epochs)
    quota.check_again(store.database, store.workspace, run.seconds)  # it is queued after this
    if not store.change(run_id, {"state": AT_REST}, planned=state.epochs):
        raise StoreError(f"run {run_id} is {run.state}: wait until it is over, or stop it first")
    store.put(run_id, "checkpoint", replace(checkpoint, state=state).to_bytes())
