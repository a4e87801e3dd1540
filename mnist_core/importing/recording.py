"""Stores an imported network as a finished run without epochs, evaluated like any other run."""

import re
from datetime import UTC, datetime

import numpy as np

from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.importing.errors import ImportModelError, file_name
from mnist_core.importing.sandbox import ImportedModel
from mnist_core.storage.artifacts import save_report
from mnist_core.storage.runs import Store
from mnist_core.utils.npz import fingerprint, pack
from mnist_core.utils.text import without_markup

_ENDINGS = re.compile(r"(\.weights)?\.(keras|h5|hdf5)$", re.IGNORECASE)


def record(store: Store, imported: ImportedModel, origin: str, name: str = "") -> Run:
    """Store an imported network as a finished run, and return the run.

    origin: the file's name; name: the run's name, by default the file's name without its ending.
    """
    origin = file_name(origin)
    run = store.create_run(
        imported.spec,
        name or _ENDINGS.sub("", origin) or origin,
        queued=False,
        planned=0,
        origin=origin,
        reason=f"trained elsewhere{imported.told}",
        finished_at=datetime.now(UTC),
    )
    # finished only once the weights are stored
    columns = {"state": "finished", "weights_hash": fingerprint(imported.weights)}
    store.put(run.id, "weights", pack(imported.weights), **columns)
    return store.run(run.id)


def record_report(store: Store, run: Run, probabilities: np.ndarray) -> Report:
    """Store the test report of an imported network. probabilities: float32 (10000, 10).

    Deletes the run and raises ImportModelError if the probabilities are not finite.
    """
    if not np.isfinite(probabilities).all():
        store.delete_run(run.id)
        raise ImportModelError(
            f"the ten probabilities must be finite numbers; {without_markup(run.origin)} gives "
            "others, since its weights are too large: train it again with a lower learning rate"
        )
    return save_report(store, run.id, probabilities)
