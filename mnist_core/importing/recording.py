"""A network that was brought in, as a run: finished, without epochs, and judged like any other."""

import re
from datetime import UTC, datetime

import numpy as np

from mnist_core.evaluation.report import Report
from mnist_core.importing.errors import ImportModelError, file_name
from mnist_core.importing.sandbox import ImportedModel
from mnist_core.storage.artifacts import keep_report
from mnist_core.storage.runs import Run, Store
from mnist_core.utils.npz import pack
from mnist_core.utils.text import without_markup

_ENDINGS = re.compile(r"(\.weights)?\.(keras|h5|hdf5)$", re.IGNORECASE)


def record(store: Store, brought: ImportedModel, origin: str, name: str = "") -> Run:
    """Keep a network as a finished run. origin: the file's name; name: that of the run, or its."""
    origin = file_name(origin)
    run = store.create_run(
        brought.spec,
        name or _ENDINGS.sub("", origin) or origin,
        queued=False,
        planned=0,
        origin=origin,
        reason=f"trained elsewhere{brought.told}",
        finished_at=datetime.now(UTC),
    )
    store.put(run.id, "weights", pack(brought.weights), state="finished")  # whole only with these
    return store.run(run.id)


def judge(store: Store, run: Run, probabilities: np.ndarray) -> Report:
    """Keep what a network makes of the 10,000 test images: float32 (10000, 10).

    One whose answers are no numbers is no use: its run goes, and BringError says why.
    """
    if not np.isfinite(probabilities).all():
        store.delete_run(run.id)
        raise ImportModelError(
            f"ten probabilities must be numbers; those of {without_markup(run.origin)} are not, "
            "since its weights are too large to compute with: train it again with a smaller "
            "learning rate"
        )
    return keep_report(store, run.id, probabilities)
