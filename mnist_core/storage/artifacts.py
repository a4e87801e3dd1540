"""The artifacts of a run: weights, report, snapshots of its epochs, and its checkpoint."""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mnist_core.dataset import mnist
from mnist_core.evaluation.histograms import Histograms
from mnist_core.evaluation.history import Checkpoint
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import INACTIVE_STATES, Run
from mnist_core.storage import quota
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store, called
from mnist_core.storage.schema import START
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.npz import pack, unpack

_PARTS = ("counts", "ends", "spreads")  # of histograms, in the order of their fields
KERNEL_BYTES = 200_000  # per epoch; a run may have a hundred epochs


@dataclass(frozen=True)
class EpochSnapshot:
    """A snapshot of the network after an epoch; that of epoch 0 is taken before training.

    probabilities: (20, 10), for the images `mnist.showcase()`; confusion: (10, 10), on the images
    `mnist.sample_rows()`, true digits down; kernel: (k, k, channels, filters), of the first
    convolution, cut to as many input channels as KERNEL_BYTES allow; None without a convolution;
    weights, gradients: of each of `network.summary.kernel_names`, the gradients for one batch of
    training images; None in runs of earlier versions.
    """

    probabilities: NDArray[np.float32]
    confusion: NDArray[np.uint16]
    kernel: NDArray[np.float16] | None = None
    weights: Histograms | None = None
    gradients: Histograms | None = None


def load_weights(store: Store, run_id: int) -> dict[str, np.ndarray]:
    """Return the weights of a run by name. Raises StoreError before it has any."""
    run = store.run(run_id)
    data = store.get(run_id, "weights")
    if data is None:
        raise StoreError(
            f"{called(run)} has no trained weights yet (it is {run.state}): train or resume it "
            "first"
        )
    return unpack(data)


def load_start(store: Store, run: Run) -> dict[str, np.ndarray] | None:
    """Return the weights by name that a run starts from; None if it starts from random ones.

    Raises StoreError where a run has lost them.
    """
    if run.spec.transfer is None:
        return None
    data = store.get(run.id, START)
    if data is None:
        raise StoreError(
            f"the weights that {called(run)} starts from are gone: delete it, and start a new run "
            "from one that has weights"
        )
    return unpack(data)


def load_report(store: Store, run_id: int) -> Report | None:
    """Return the report of a run from its stored predictions; None before its evaluation."""
    store.run(run_id)
    data = store.get(run_id, "predictions")
    return Report(unpack(data)["probabilities"], mnist.load().y_test) if data else None


def save_report(store: Store, run_id: int, probabilities: NDArray[np.float32]) -> Report:
    """Store the predictions for all test images, (10000, 10), and return their report."""
    report = Report(probabilities, mnist.load().y_test)
    packed = pack({"probabilities": probabilities})
    store.put(
        run_id,
        "predictions",
        packed,
        test_accuracy=report.accuracy,
        test_loss=report.loss,
        test_ece=report.ece,
    )
    return report


def first_kernel(weights: dict[str, np.ndarray]) -> NDArray[np.float16] | None:
    """Return the kernel of the first convolution as `EpochSnapshot` has it. weights: by name."""
    kernel = weights.get("conv2d_1/kernel")
    if kernel is None:
        return None
    size, _, _, filters = kernel.shape
    channels = KERNEL_BYTES // (size * size * filters * np.dtype(np.float16).itemsize)
    most = np.finfo(np.float16).max  # weights that diverged must not become infinite here
    return np.clip(kernel[:, :, :channels], -most, most).astype(np.float16)


def save_epoch_snapshot(store: Store, run_id: int, number: int, kept: EpochSnapshot) -> None:
    """Store the snapshot of an epoch. number: of the epoch, 0 before training."""
    arrays = {"probabilities": kept.probabilities, "confusion": kept.confusion}
    arrays |= {} if kept.kernel is None else {"kernel": kept.kernel}
    for name, found in (("weights", kept.weights), ("gradients", kept.gradients)):
        if found:
            parts = (found.counts, found.ends, found.spreads)
            arrays |= {f"{name}/{part}": array for part, array in zip(_PARTS, parts, strict=True)}
    store.put(run_id, snapshot_name(number), pack(arrays))


def load_epoch_snapshot(store: Store, run_id: int, number: int) -> EpochSnapshot | None:
    """Return the snapshot of an epoch, 0 before training; None if there is none."""
    data = store.get(run_id, snapshot_name(number))
    if data is None:
        return None
    arrays = unpack(data)
    weights, gradients = (
        Histograms(*(arrays[f"{name}/{part}"] for part in _PARTS))
        if f"{name}/{_PARTS[0]}" in arrays
        else None
        for name in ("weights", "gradients")
    )
    return EpochSnapshot(
        arrays["probabilities"], arrays["confusion"], arrays.get("kernel"), weights, gradients
    )


def save_guesses(store: Store, run_id: int, probabilities: NDArray[np.float32]) -> None:
    """Store what a network in training now predicts for `mnist.showcase()`: (20, 10)."""
    store.put(run_id, "guesses", pack({"probabilities": probabilities}))


def load_guesses(store: Store, run_id: int) -> NDArray[np.float32] | None:
    """Return the guesses that were stored last, (20, 10); None before training began."""
    data = store.get(run_id, "guesses")
    return unpack(data)["probabilities"] if data else None


def save_rate_change(store: Store, run_id: int, at: float, rate: float) -> None:
    """Store that a person has changed the learning rate. at: in epochs, such as 1.45.

    Changes from there on, of a training whose worker was lost, are replaced.
    """
    earlier = [change for change in load_rate_changes(store, run_id) if change[0] < at]
    store.put(run_id, "rate_changes", pack({"changes": np.array([*earlier, (at, rate)])}))


def load_rate_changes(store: Store, run_id: int) -> list[tuple[float, float]]:
    """Return the changes of the learning rate by a person: where, in epochs, and the new rate."""
    data = store.get(run_id, "rate_changes")
    return [(at, rate) for at, rate in unpack(data)["changes"].tolist()] if data else []


def snapshot_name(number: int) -> str:
    """Return the name of the artifact with the snapshot of an epoch."""
    return f"epoch/{number}"


def check_sees_test(run: Run) -> None:
    """Raise StoreError for a trial or a range test, which never see the test images."""
    if not run.sees_test:
        raise StoreError(
            f"run {run.number} is a trial or a range test, and these never see the test images: "
            "train its settings in full"
        )


def check_trained_here(run: Run) -> None:
    """Raise StoreError on a run that was not trained here, which cannot be resumed."""
    if run.workspace == EXAMPLES:
        raise StoreError(
            f"{called(run)} ships with the app and cannot be changed: train its network as a new "
            f"run, with `train {run.name}` or on the Build page"
        )
    if run.origin:
        raise StoreError(
            f"run {run.number} was trained elsewhere ({run.origin}), so there is no training to "
            "resume: train its network as a new run"
        )


def plan_more_epochs(store: Store, run_id: int, epochs: int) -> None:
    """Plan `epochs` more for a run that neither waits nor trains, on a new leg of its schedule.

    Raises QuotaError over what a hosted server allows; StoreError on a run that waits, trains or
    has no checkpoint, and on trials and range tests, which are valid only at their planned length.
    """
    run = store.run(run_id)
    data = store.get(run_id, "checkpoint")
    check_trained_here(run)
    if run.trial is not None:
        raise StoreError(
            f"run {run.number} is a trial, and its study compares trials after equally many "
            "epochs: train its settings in full instead"
        )
    if not run.sees_test:
        raise StoreError(
            f"run {run.number} is a learning-rate range test, which ends when its rate has risen: "
            "start another one instead"
        )
    if data is None:
        raise StoreError(f"run {run.number} has no checkpoint yet: resume it without more epochs")
    checkpoint = Checkpoint.from_bytes(data)
    state = checkpoint.state.further(epochs, run.steps)
    quota.check_epochs(state.epochs)
    with store.database.read() as connection:  # it is queued after this
        quota.admit_requeued(connection, store.workspace, run.seconds)
    if not store.change(run_id, {"state": INACTIVE_STATES}, planned=state.epochs):
        raise StoreError(
            f"run {run.number} is {run.state}: wait until it is over, or stop it first"
        )
    store.put(run_id, "checkpoint", replace(checkpoint, state=state).to_bytes())
