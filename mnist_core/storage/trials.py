"""The trials of a study, read from their runs; Optuna is not needed for it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, fields

import sqlalchemy as sa

from mnist_core.evaluation.diagnosis import kept_epoch
from mnist_core.evaluation.history import Epoch
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import EPOCHS, RUNS
from mnist_core.storage.workspaces import EXAMPLES

PRUNED = "pruned:"
"""The beginning of the note of a trial that the pruner stopped."""


@dataclass(frozen=True)
class TrialRun:
    """The run of a trial, as far as a study needs it."""

    run_id: int
    number: int
    state: str
    reason: str
    note: str
    epochs: int
    planned: int
    seconds: float

    @property
    def over(self) -> bool:
        """Whether the run will not train any further."""
        return self.state in ("finished", "stopped", "interrupted", "failed")

    @property
    def pruned(self) -> bool:
        """Whether the pruner stopped the trial."""
        return self.state == "stopped" and self.note.startswith(PRUNED)

    @property
    def trains(self) -> bool:
        """Whether the run waits or trains."""
        return self.state in ("queued", "running")


def trial_runs(store: Store, group_id: int) -> dict[int, TrialRun]:
    """Return the runs of a study by trial number; of two with the same number the older."""
    columns = [
        *(RUNS.c.id, RUNS.c.trial, RUNS.c.state, RUNS.c.reason, RUNS.c.note, RUNS.c.epochs),
        *(RUNS.c.planned, RUNS.c.seconds),
    ]
    query = sa.select(*columns).where(*_of(store, group_id), RUNS.c.trial.is_not(None))
    with store.database.read() as connection:
        found = [TrialRun(*row) for row in connection.execute(query.order_by(RUNS.c.id.desc()))]
    return {row.number: row for row in sorted(found, key=lambda row: row.number)}


def specs(store: Store, group_id: int) -> dict[int, str]:
    """Return the specs of a group's runs, as JSON by run id."""
    query = sa.select(RUNS.c.id, RUNS.c.spec).where(*_of(store, group_id))
    with store.database.read() as connection:
        return {row.id: row.spec for row in connection.execute(query)}


def _of(store: Store, group_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    return RUNS.c.group_id == group_id, RUNS.c.workspace == store.workspace


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
