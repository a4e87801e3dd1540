"""Optuna studies: trials are runs of a group, and the engine's thread moves each study on.

What people see is in the runs; Optuna's own tables, in the same database, only choose. How a
study is moved on is in `looker`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from mnist_core import claims, groups, quota, sampling, trials
from mnist_core.batch import check_batch
from mnist_core.database import StoreError
from mnist_core.groups import Group
from mnist_core.looker import advance, hold_still, name_of, release
from mnist_core.space import Params, Study, largest, params_of
from mnist_core.spec import Spec
from mnist_core.store import Store
from mnist_core.trials import Row

if TYPE_CHECKING:
    import optuna

__all__ = [
    "Trial",
    "View",
    "advance",
    "delete",
    "optuna_study",
    "read",
    "release",
    "resume",
    "start",
    "stop",
]

NAME_LENGTH = 60
TrialState = Literal["waiting", "running", "complete", "pruned", "failed", "paused"]

_STATES: dict[str, TrialState] = {
    "queued": "waiting",
    "running": "running",
    "paused": "paused",
    "stopped": "pruned",  # by the pruner or by a person: both end a trial that looks bad
    "finished": "complete",
    "failed": "failed",
    "interrupted": "failed",
}


@dataclass(frozen=True)
class Trial:
    """One choice of a study and what came of it.

    value: validation accuracy in [0, 1] of the weights that the run keeps, so far; None before its
    first epoch. reason: why it was pruned or failed, else empty. seconds: in training.
    """

    number: int
    state: TrialState
    params: Params
    value: float | None
    run_id: int
    epochs: int
    seconds: float
    reason: str


@dataclass(frozen=True)
class View:
    """A study as it is now: its trials by number, and the best of the complete ones.

    One that was trained for more epochs than the study plans would win unfairly, so it cannot.
    """

    group: Group
    study: Study
    trials: tuple[Trial, ...]
    best: Trial | None


def start(store: Store, study: Study, name: str = "") -> Group:
    """A new study, for an engine to look after: `Engine.wake` makes it look now.

    Raises QuotaError over what a hosted server allows.
    """
    quota.check_study(store.database, store.workspace, study.total)
    quota.check_epochs(study.trial_epochs)
    check_batch(largest(study))
    return groups.create(store, "study", name[:NAME_LENGTH], study.to_json(), "running")


def stop(store: Store, group_id: int) -> None:
    """No new trials; those that wait or run are paused. `resume` goes on with all of it.

    Raises StoreError where there is no such study.
    """
    if not groups.change(store, _find(store, group_id), {"state": "running"}, state="stopped"):
        return
    for row in trials.rows(store, group_id).values():
        if row.trains:
            claims.ask(store, row.run_id, "pause")


def resume(store: Store, group_id: int) -> None:
    """Go on with a stopped study, its paused trials first.

    Raises StoreError if it is finished, or there is none, QuotaError if too much waits already.
    """
    group = _find(store, group_id)
    if group.state == "finished":
        raise StoreError(f"study {group_id} is finished: start another one to try more")
    if group.state != "running":
        quota.check_study(store.database, store.workspace, 0)
    groups.change(store, group, {"state": group.state}, state="running", reason="")
    for row in trials.rows(store, group_id).values():
        if row.state == "paused" and not row.deleted:
            claims.enqueue(store, row.run_id)


def delete(store: Store, group_id: int) -> None:
    """Remove a study with its trials' runs, for good. Raises StoreError where there is none."""
    group = _find(store, group_id)
    with hold_still():
        sampling.removed(store.database.url, name_of(group))
        groups.delete(store, group_id)


def read(store: Store, group_id: int) -> View:
    """A study with its trials, from the runs alone. Raises StoreError where there is none."""
    group = _find(store, group_id)
    study = _study(group.settings)
    rows = [row for row in trials.rows(store, group_id).values() if not row.deleted]
    specs = trials.specs(store, group_id)
    validations = trials.validations(store, [row.run_id for row in rows])
    told = tuple(
        Trial(
            number=row.number,
            state=_STATES[row.state],
            params=_params(group.settings, specs[row.run_id]),
            value=trials.value(validations[row.run_id], study.base),
            run_id=row.run_id,
            epochs=row.epochs,
            seconds=row.seconds,
            reason=_reason(row),
        )
        for row in rows
        if row.run_id in specs
    )
    alike = {row.run_id for row in rows if row.planned == study.trial_epochs}
    complete = [trial for trial in told if trial.state == "complete" and trial.run_id in alike]
    best = max(complete, key=lambda trial: trial.value or 0, default=None)
    return View(group, study, told, best)


def _reason(row: Row) -> str:
    if row.pruned:
        return row.note
    return row.reason if row.over else ""


def optuna_study(store: Store, group_id: int) -> "optuna.Study":
    """Optuna's own study, to look at (its plots): empty before the engine's first look."""
    return sampling.opened(store.database.url, name_of(_find(store, group_id)))


def _find(store: Store, group_id: int) -> Group:
    group = groups.find(store, group_id)
    if group.kind != "study":
        raise StoreError(f"group {group_id} is no study: look at the list for its number")
    return group


@lru_cache(maxsize=32)
def _study(settings: str) -> Study:
    return Study.from_json(settings)


@lru_cache(maxsize=2000)
def _params(settings: str, spec: str) -> Params:
    return params_of(_study(settings), Spec.from_json(spec))
