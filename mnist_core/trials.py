"""The trials of a study as their runs tell of them; Optuna is not needed to read them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from mnist_core.database import EPOCHS, RUNS, Database


@dataclass(frozen=True)
class Row:
    """What a look needs to know of a trial's run; `deleted` runs are out of people's sight."""

    run_id: int
    number: int
    state: str
    reason: str
    note: str
    epochs: int
    planned: int
    seconds: float
    deleted: bool

    @property
    def over(self) -> bool:
        """Whether no more comes of it."""
        return self.deleted or self.state in ("finished", "stopped", "interrupted", "failed")

    @property
    def trains(self) -> bool:
        """Whether it takes a place, or is about to."""
        return not self.deleted and self.state in ("queued", "running")


def rows(database: Database, group_id: int) -> dict[int, Row]:
    """The runs of a study's trials by number; of two with one number the first."""
    columns = [
        *(RUNS.c.id, RUNS.c.trial, RUNS.c.state, RUNS.c.reason, RUNS.c.note, RUNS.c.epochs),
        *(RUNS.c.planned, RUNS.c.seconds, RUNS.c.deleted_at.is_not(None)),
    ]
    query = sa.select(*columns).where(RUNS.c.group_id == group_id, RUNS.c.trial.is_not(None))
    with database.read() as connection:
        found = [Row(*row) for row in connection.execute(query.order_by(RUNS.c.id.desc()))]
    return {row.number: row for row in sorted(found, key=lambda row: row.number)}


def specs(database: Database, group_id: int) -> dict[int, str]:
    """The specs of a group's runs as JSON, by run."""
    query = sa.select(RUNS.c.id, RUNS.c.spec).where(RUNS.c.group_id == group_id)
    with database.read() as connection:
        return {row.id: row.spec for row in connection.execute(query)}


@dataclass(frozen=True)
class Validation:
    """The validation figures of an epoch, counted from 1; accuracy in [0, 1]."""

    epoch: int
    accuracy: float
    loss: float


def validations(database: Database, run_ids: Iterable[int]) -> dict[int, list[Validation]]:
    """The finished epochs of some runs in their order; a run without one has an empty list."""
    columns = [EPOCHS.c.run_id, EPOCHS.c.epoch, EPOCHS.c.val_accuracy, EPOCHS.c.val_loss]
    query = sa.select(*columns).where(
        EPOCHS.c.run_id.in_(list(run_ids)), EPOCHS.c.val_accuracy.is_not(None)
    )
    found: dict[int, list[Validation]] = defaultdict(list)
    with database.read() as connection:
        for run_id, *figures in connection.execute(query.order_by(EPOCHS.c.epoch)):
            found[run_id].append(Validation(*figures))
    return found


def value(epochs: list[Validation], early_stopping: bool) -> float | None:
    """The validation accuracy of the weights that a run keeps, so far; None before an epoch.

    Those of its last epoch, or with early stopping of the one with the lowest loss. The highest of
    all epochs would flatter: of many noisy figures the largest is mostly luck.
    """
    if not epochs:
        return None
    kept = min(epochs, key=lambda epoch: epoch.loss) if early_stopping else epochs[-1]
    return kept.accuracy
