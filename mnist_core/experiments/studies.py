"""Optuna studies: each trial is a run of a group, and the engine moves running studies on.

First a study as pages and commands use it, then `advance`, by which the engine's thread chooses
trials, queues their runs and reports results to Optuna. Optuna's tables, in the same database,
serve the choice of trials alone; all that people see is read from the runs.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Literal

from mnist_core.evaluation.history import Epoch
from mnist_core.execution import queue
from mnist_core.experiments import optuna_storage
from mnist_core.experiments.search_space import Params, Study, largest, params_of, spec_of
from mnist_core.network.spec import Spec
from mnist_core.storage import groups, quota, trials
from mnist_core.storage.database import StoreError
from mnist_core.storage.groups import Group
from mnist_core.storage.quota import check_batch
from mnist_core.storage.runs import Store
from mnist_core.storage.trials import TrialRun
from mnist_core.utils.errors import MnistError

if TYPE_CHECKING:
    import optuna

HEARTBEAT_EVERY = timedelta(seconds=30)
NAME_LENGTH = 60
TrialState = Literal["waiting", "running", "complete", "pruned", "failed", "paused"]

_STATES: dict[str, TrialState] = {
    "queued": "waiting",
    "running": "running",
    "paused": "paused",
    "stopped": "pruned",  # by the pruner or by a person: both end an unpromising trial
    "finished": "complete",
    "failed": "failed",
    "interrupted": "failed",
}

logger = logging.getLogger(__name__)
_lock = Lock()  # one thread at a time moves studies on: all engines of a process share one name


@dataclass(frozen=True)
class Trial:
    """One trial of a study and its result.

    value: validation accuracy in [0, 1] of the weights kept so far; None before the first epoch.
    reason: why it was pruned or failed, else empty. seconds: time in training.
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
class StudyProgress:
    """The state of a study: its trials by number, and the best complete trial.

    A trial that was trained for more epochs than the study plans does not count as the best.
    """

    group: Group
    study: Study
    trials: tuple[Trial, ...]
    best: Trial | None


def start(store: Store, study: Study, name: str = "") -> Group:
    """Create a running study, which an engine will advance; `Engine.wake` makes it start now.

    Raises QuotaError if the study exceeds the limits of a hosted server.
    """
    quota.check_study(store.database, store.workspace, study.total)
    quota.check_epochs(study.trial_epochs)
    check_batch(largest(study))
    return groups.create(store, "study", name[:NAME_LENGTH], study.to_json(), "running")


def stop(store: Store, group_id: int) -> None:
    """Stop a study: no new trials start, and waiting or running trials are paused.

    `resume` continues all of it. Raises StoreError if there is no such study.
    """
    if not groups.update_if(store, _find(store, group_id), {"state": "running"}, state="stopped"):
        return
    for row in trials.trial_runs(store, group_id).values():
        if row.trains:
            queue.send_request(store, row.run_id, "pause")


def resume(store: Store, group_id: int) -> None:
    """Resume a stopped study, its paused trials first.

    Raises StoreError if it is finished or does not exist, QuotaError if too many runs wait already.
    """
    group = _find(store, group_id)
    if group.state == "finished":
        raise StoreError(f"study {group_id} is finished: start another one to try more")
    if group.state != "running":
        quota.check_study(store.database, store.workspace, 0)
    groups.update_if(store, group, {"state": group.state}, state="running", reason="")
    for row in trials.trial_runs(store, group_id).values():
        if row.state == "paused":
            queue.enqueue(store, row.run_id)


def delete(store: Store, group_id: int) -> None:
    """Delete a study and the runs of its trials for good. Raises StoreError if there is none."""
    group = _find(store, group_id)
    with _lock:
        optuna_storage.delete_study(store.database.url, name_of(group))
        groups.delete(store, group_id)


def read(store: Store, group_id: int) -> StudyProgress:
    """Return the state of a study, from the runs alone. Raises StoreError if there is none."""
    group = _find(store, group_id)
    study = _study(group.settings)
    rows = trials.trial_runs(store, group_id).values()
    specs = trials.specs(store, group_id)
    validations = trials.validated_epochs(store, [row.run_id for row in rows])
    found = tuple(
        Trial(
            number=row.number,
            state=_STATES[row.state],
            params=_params(group.settings, specs[row.run_id]),
            value=trials.objective_value(validations[row.run_id], study.base),
            run_id=row.run_id,
            epochs=row.epochs,
            seconds=row.seconds,
            reason=_reason(row),
        )
        for row in rows
        if row.run_id in specs
    )
    alike = {row.run_id for row in rows if row.planned == study.trial_epochs}
    complete = [trial for trial in found if trial.state == "complete" and trial.run_id in alike]
    best = max(complete, key=lambda trial: trial.value or 0, default=None)
    return StudyProgress(group, study, found, best)


def _reason(row: TrialRun) -> str:
    """Return why a trial was pruned or failed, else an empty text."""
    if row.pruned:
        return row.note
    return row.reason if row.over else ""


def optuna_study(store: Store, group_id: int) -> "optuna.Study":
    """Return Optuna's study, for its plots; empty before the engine has first advanced it."""
    return optuna_storage.load_study(store.database.url, name_of(_find(store, group_id)))


def name_of(group: Group) -> str:
    """Return Optuna's name of a study.

    It contains the time of creation, since SQLite reuses the numbers of deleted groups.
    """
    return f"{group.workspace}/{group.id}/{group.created_at.isoformat()}"


def _find(store: Store, group_id: int) -> Group:
    """Return the group of a study. Raises StoreError if there is no such study."""
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


_active: "dict[tuple[str, int], _ActiveStudy]" = {}
"""The studies that this process advances, by database and group."""


def advance(url: str, places: int) -> None:
    """Advance every running study that no other process is responsible for.

    places: number of runs that can train at once, including those that train now. Costs one query
    while no study runs. Raises StoreError if the database cannot be used.
    """
    with _lock:
        running = groups.running_studies(url)
        alive = {(url, group.id) for group in running}
        for key in [key for key in _active if key[0] == url and key not in alive]:
            del _active[key]
        for group in running:
            store = Store(group.workspace, url)
            if _take_over(store, group):
                _advance_one(store, group, places)


def release(url: str) -> None:
    """Give up responsibility for the studies of this process, so that others can take over."""
    with _lock:
        for key in [key for key in _active if key[0] == url]:
            active = _active.pop(key)
            mine = {"worker": queue.this_process()}
            groups.update_if(active.store, active.group, mine, worker=None, heartbeat_at=None)


def _take_over(store: Store, group: Group) -> bool:
    """Whether this process is responsible for a study; takes over abandoned studies.

    Writes a heartbeat from time to time.
    """
    me, now = queue.this_process(), datetime.now(UTC)
    ours = group.worker == me
    if ours and group.heartbeat_at and now - group.heartbeat_at < HEARTBEAT_EVERY:
        return True
    if not ours:
        _active.pop((store.database.url, group.id), None)  # another process may have advanced it
        if not queue.is_abandoned(group):
            return False
    expected = {"state": "running", "worker": group.worker}
    return groups.update_if(store, group, expected, worker=me, heartbeat_at=now)


def _advance_one(store: Store, group: Group, places: int) -> None:
    """Advance one study; an unexpected error fails this study alone."""
    key = (store.database.url, group.id)
    unusable: tuple[type[Exception], ...] = ()
    try:
        unusable = optuna_storage.storage_errors()
        if key not in _active:
            _active[key] = _ActiveStudy(store, group)
        _active[key].advance(places)
    except StoreError:
        if _is_running(store, group):
            raise
    except Exception as error:  # a broken study must not block the runs of others
        _active.pop(key, None)
        if isinstance(error, unusable):
            raise StoreError(f"the tables of the studies cannot be used ({error})") from error
        if not isinstance(error, MnistError):
            logger.exception("Study %d ended in an error", group.id)
        reason = (
            str(error) if isinstance(error, MnistError) else f"an error of ours: {error!r:.200}"
        )
        groups.update_if(store, group, {"state": "running"}, state="failed", reason=reason)


def _is_running(store: Store, group: Group) -> bool:
    """Whether a study still exists and runs."""
    try:
        return groups.find(store, group.id).state == "running"
    except StoreError:
        return False


class _ActiveStudy:
    """A running study, with a record of what was reported to Optuna.

    begun: number of trials in Optuna; open: trials without a result, by number; reported: number of
    epochs reported to Optuna, by trial.
    """

    def __init__(self, store: Store, group: Group) -> None:
        self.store, self.group = store, group
        self.study = Study.from_json(group.settings)
        self.optuna = optuna_storage.load_study(store.database.url, name_of(group))
        self.begun, self.open, self.reported = optuna_storage.load_trials(
            store.database.url, self.optuna
        )

    def advance(self, places: int) -> None:
        """Report new results, then choose new trials, which can build on these results."""
        rows = trials.trial_runs(self.store, self.group.id)
        if paused := [row for row in rows.values() if row.state == "paused"]:
            self._resume_paused(paused)
            rows = trials.trial_runs(self.store, self.group.id)
        for number in sorted(self.open.keys() - rows.keys()):
            self._make_run(number)
        self._report([row for row in rows.values() if row.number in self.open])
        active = sum(number not in rows or rows[number].trains for number in self.open)
        while self.begun < self.study.total and active < places + 1:
            trial = self.optuna.ask()
            self.begun, self.open[trial.number] = trial.number + 1, trial
            self._make_run(trial.number)
            active += 1
        if self.begun >= self.study.total and not self.open:
            self._finish(rows)

    def _resume_paused(self, paused: list[TrialRun]) -> None:
        """Queue paused trials, which would otherwise stay paused while the study runs."""
        for row in paused:
            queue.enqueue(self.store, row.run_id)
            self._pause_if_stopped(row.run_id)

    def _make_run(self, number: int) -> None:
        """Choose the parameters of a trial that has no run yet, and queue its run."""
        self.optuna.sampler = optuna_storage.sampler(self.study, number)
        spec = spec_of(self.study, optuna_storage.suggest(self.open[number], self.study))
        run = self.store.create_run(spec, f"trial {number}", self.group.id, trial=number)
        self._pause_if_stopped(run.id)

    def _pause_if_stopped(self, run_id: int) -> None:
        """Pause a run that was queued while somebody stopped the study."""
        if not _is_running(self.store, self.group):
            queue.send_request(self.store, run_id, "pause")

    def _report(self, rows: list[TrialRun]) -> None:
        """Report the new epochs of open trials to Optuna; close ended trials, prune poor ones."""
        news = [row for row in rows if row.over or row.epochs > self.reported.get(row.number, 0)]
        figures = trials.validated_epochs(self.store, [row.run_id for row in news])
        for row in news:
            trial, epochs = self.open[row.number], figures[row.run_id]
            for count in range(self.reported.get(row.number, 0), len(epochs)):
                reached = trials.objective_value(epochs[: count + 1], self.study.base)
                trial.report(reached or 0.0, epochs[count].epoch)
            self.reported[row.number] = len(epochs)
            if row.over:
                self._close(row, epochs)
            elif self.study.pruning and row.epochs < row.planned and trial.should_prune():
                self._prune(row)

    def _close(self, row: TrialRun, epochs: list[Epoch]) -> None:
        """Report the result of an ended trial to Optuna."""
        value = trials.objective_value(epochs, self.study.base)
        trial = self.open.pop(row.number)
        if row.state == "finished" and value is not None:
            self.optuna.tell(trial, value)
        elif row.state == "stopped":
            self.optuna.tell(trial, state=optuna_storage.trial_state("PRUNED"))
        else:
            trial.set_user_attr("reason", row.reason)
            self.optuna.tell(trial, state=optuna_storage.trial_state("FAIL"))
        if not row.pruned and row.note.startswith(trials.PRUNED):  # it ended before the request
            self.store.change(row.run_id, {"note": row.note}, note="")

    def _prune(self, row: TrialRun) -> None:
        """Request a trial's stop and note why; a note that somebody has written stays."""
        note = f"{trials.PRUNED} after epoch {row.epochs} below the median of the trials before it"
        trains = {"state": "running", "request": None}
        if not self.store.change(row.run_id, trains | {"note": ""}, request="stop", note=note):
            self.store.change(row.run_id, trains, request="stop")

    def _finish(self, rows: dict[int, TrialRun]) -> None:
        """Mark the study as finished, or as failed without any completed trial."""
        state, reason = "finished", ""
        if all(row.state != "finished" for row in rows.values()):
            told = [row.reason for row in rows.values() if row.reason]
            state, reason = "failed", "no trial was completed" + "".join(f": {r}" for r in told[:1])
        groups.update_if(self.store, self.group, {"state": "running"}, state=state, reason=reason)
