"""The trials of a study, read from their runs; Optuna is not needed for it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import fields

import sqlalchemy as sa

from mnist_core.evaluation.diagnosis import kept_epoch
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import EPOCHS, RUNS
from mnist_core.storage.workspaces import EXAMPLES

PRUNED = "pruned:"
"""The beginning of the note of a trial that the pruner stopped."""


def trial_runs(store: Store, group_id: int) -> dict[int, Run]:
    """Return the runs of a study by trial number; of two with the same number the older one."""
    runs = store.runs(group_id)  # the newest first
    found = {run.trial: run for run in runs if run.trial is not None}
    return dict(sorted(found.items()))


def is_over(run: Run) -> bool:
    """Return whether a trial will train no further."""
    return run.state in ("finished", "stopped", "interrupted", "failed")


def is_pruned(run: Run) -> bool:
    """Return whether the pruner stopped a trial."""
    return run.state == "stopped" and run.note.startswith(PRUNED)


def validated_epochs(store: Store, run_ids: Iterable[int]) -> dict[int, list[Epoch]]:
    """Return the finished epochs with validation figures of each run, in order.

    A defaultdict: runs without such epochs, or of another workspace, have an empty list.
    """
    columns = [EPOCHS.c[field.name] for field in fields(Epoch)]
    query = sa.select(EPOCHS.c.run_id, *columns).join(RUNS, RUNS.c.id == EPOCHS.c.run_id)
    query = query.where(
        EPOCHS.c.run_id.in_(list(run_ids)),
        EPOCHS.c.val_accuracy.is_not(None),
        RUNS.c.workspace.in_((store.workspace, EXAMPLES)),
    )
    found: dict[int, list[Epoch]] = defaultdict(list)
    with store.database.read() as connection:
        for run_id, *figures in connection.execute(query.order_by(EPOCHS.c.epoch)):
            found[run_id].append(Epoch(*figures))
    return found


def objective_value(epochs: list[Epoch], spec: Spec) -> float | None:
    """Return the val_accuracy of the weights that a run keeps; None without validation."""
    kept = kept_epoch(epochs, spec.training.early_stopping is not None)
    return kept and kept.val_accuracy
