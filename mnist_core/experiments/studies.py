"""Optuna studies: each trial is a run of a group, and the engine advances running studies.

First come the functions for pages and commands, then `advance`, with which the engine's thread
prunes poor trials, chooses new ones and queues their runs. The state of a study is in its group and
its runs alone.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Literal

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.execution import queue
from mnist_core.experiments import optuna_trials
from mnist_core.experiments.search_space import Params, Study, largest, params_of, spec_of
from mnist_core.network.naming import NAME_LENGTH
from mnist_core.storage import groups, quota, trials
from mnist_core.storage.database import StoreError
from mnist_core.storage.groups import Group
from mnist_core.storage.leases import is_abandoned, lease, this_process
from mnist_core.storage.quota import check_batch
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import MnistError
from mnist_core.utils.text import one_line

if TYPE_CHECKING:
    import optuna

HEARTBEAT_EVERY = timedelta(seconds=30)
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
    reason: why it was pruned or failed, else empty. seconds: time in training. run_number: the
    number of its run that people see.
    """

    number: int
    state: TrialState
    params: Params
    value: float | None
    run_id: int
    run_number: int
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
    return groups.create(store, "study", one_line(name)[:NAME_LENGTH], study.to_json(), "running")


def stop(store: Store, group_id: int) -> None:
    """Stop a study: no new trials start, and waiting or running trials are paused.

    `resume` continues all of it. Raises StoreError if there is no such study.
    """
    if not groups.update_if(store, _find(store, group_id), {"state": "running"}, state="stopped"):
        return
    for run in trials.trial_runs(store, group_id).values():
        if run.is_active:
            queue.send_request(store, run.id, "pause")


def resume(store: Store, group_id: int) -> None:
    """Resume a stopped study, its paused trials first.

    Raises StoreError if it is finished or does not exist, QuotaError if too many runs wait already.
    """
    group = _find(store, group_id)
    if group.state == "finished":
        raise StoreError(f"study {group_id} is finished: start another study to try more")
    if group.state != "running":
        quota.check_study(store.database, store.workspace, 0)
    groups.update_if(store, group, {"state": group.state}, state="running", reason="")
    for run in _paused(trials.trial_runs(store, group_id).values()):
        queue.enqueue(store, run.id)


def _paused(runs: Iterable[Run]) -> list[Run]:
    return [run for run in runs if run.state == "paused"]


def delete(store: Store, group_id: int) -> None:
    """Delete a study and the runs of its trials for good. Raises StoreError if there is none."""
    groups.delete(store, _find(store, group_id).id)


def read(store: Store, group_id: int) -> StudyProgress:
    """Return the state of a study, from the runs alone. Raises StoreError if there is none."""
    group = _find(store, group_id)
    study = _study(group.settings)
    runs = trials.trial_runs(store, group_id).values()
    validations = trials.validated_epochs(store, [run.id for run in runs])
    found = tuple(_trial(study, run, validations[run.id]) for run in runs)
    alike = {run.id for run in runs if run.planned == study.trial_epochs}
    complete = [trial for trial in found if trial.state == "complete" and trial.run_id in alike]
    best = max(complete, key=lambda trial: trial.value or 0, default=None)
    return StudyProgress(group, study, found, best)


def _trial(study: Study, run: Run, epochs: list[Epoch]) -> Trial:
    """Return what a run says of its trial. epochs: those with validation figures."""
    reason = run.reason if trials.is_over(run) else ""
    return Trial(
        number=run.trial or 0,
        state=_STATES[run.state],
        params=params_of(study, run.spec),
        value=trials.objective_value(epochs, study.base),
        run_id=run.id,
        run_number=run.number,
        epochs=run.epochs,
        seconds=run.seconds,
        reason=run.note if trials.is_pruned(run) else reason,
    )


def optuna_study(store: Store, group_id: int) -> "optuna.Study":
    """Return Optuna's view of a study, for its plots. Raises StoreError if there is none."""
    study, runs = _study(_find(store, group_id).settings), trials.trial_runs(store, group_id)
    return _optuna_study(store, study, runs)


def _optuna_study(store: Store, study: Study, runs: Mapping[int, Run]) -> "optuna.Study":
    figures = trials.validated_epochs(store, [run.id for run in runs.values()])
    return optuna_trials.make(study, runs, figures)


def _find(store: Store, group_id: int) -> Group:
    """Return the group of a study. Raises StoreError if there is no such study."""
    group = groups.find(store, group_id)
    if group.kind != "study":
        raise StoreError(f"group {group_id} is not a study: look at the list for its number")
    return group


@lru_cache(maxsize=32)
def _study(settings: str) -> Study:
    return Study.from_json(settings)


def advance(url: str, places: int) -> None:
    """Advance every running study that no other process is responsible for.

    places: number of runs that can train at once, including those that train now. Costs one query
    while no study runs. Raises StoreError if the database cannot be used.
    """
    with _lock:
        for group in groups.running_studies(url):
            store = Store(group.workspace, url)
            if _take_over(store, group):
                _advance_one(store, group, places)


def release(url: str) -> None:
    """Give up responsibility for the studies of this process, so that others can take over."""
    with _lock:
        for group in groups.running_studies(url):
            mine = {"worker": this_process()}
            store = Store(group.workspace, url)
            groups.update_if(store, group, mine, worker=None, heartbeat_at=None)


def _take_over(store: Store, group: Group) -> bool:
    """Whether this process is responsible for a study; takes over abandoned studies.

    Writes a heartbeat from time to time.
    """
    ours = group.worker == this_process()
    if ours and group.heartbeat_at and datetime.now(UTC) - group.heartbeat_at < HEARTBEAT_EVERY:
        return True
    if not ours and not is_abandoned(group):
        return False
    return groups.update_if(store, group, {"state": "running", "worker": group.worker}, **lease())


def _advance_one(store: Store, group: Group, places: int) -> None:
    """Advance one study; an unexpected error fails this study alone."""
    try:
        _advance(store, group, places)
    except StoreError:
        if _is_running(store, group):
            raise
    except Exception as error:  # a broken study must not block the runs of others
        if not isinstance(error, MnistError):
            logger.exception("Study %d ended in an error", group.id)
        reason = (
            str(error) if isinstance(error, MnistError) else f"an internal error: {error!r:.200}"
        )
        groups.update_if(store, group, {"state": "running"}, state="failed", reason=reason)


def _is_running(store: Store, group: Group) -> bool:
    """Whether a study still exists and runs."""
    try:
        return groups.find(store, group.id).state == "running"
    except StoreError:
        return False


_settled: dict[tuple[str, int, datetime], tuple[object, ...]] = {}
"""The state of a study's runs when nothing was left to do for them."""


def _advance(store: Store, group: Group, places: int) -> None:
    """Prune poor trials, begin new ones, or finish the study, if its runs have changed."""
    key = store.database.url, group.id, group.created_at  # SQLite uses a number again
    runs = trials.trial_runs(store, group.id)
    if paused := _paused(runs.values()):  # or they would stay paused while the study runs
        for run in paused:
            queue.enqueue(store, run.id)
            _pause_if_stopped(store, group, run.id)
        runs = trials.trial_runs(store, group.id)
    now = places, *((r.id, r.state, r.epochs, r.request) for r in runs.values())
    if _settled.get(key) == now:
        return
    study = _study(group.settings)
    missing = [number for number in range(study.total) if number not in runs]  # or deleted
    optuna_study = _optuna_study(store, study, runs)
    for run in runs.values():
        _prune(store, study, run, optuna_study)
    active = sum(run.is_active for run in runs.values())
    for number in missing[: max(0, places + 1 - active)]:
        spec = spec_of(study, optuna_trials.choose(study, number, optuna_study))
        runs[number] = store.create_run(spec, f"trial {number}", group.id, trial=number)
        _pause_if_stopped(store, group, runs[number].id)
        optuna_study = _optuna_study(store, study, runs)
    if not missing and all(map(trials.is_over, runs.values())):
        _finish(store, group, runs)  # and look again if somebody resumes it
    else:
        _settled[key] = now


def _pause_if_stopped(store: Store, group: Group, run_id: int) -> None:
    """Pause a run that was queued while somebody stopped the study."""
    if not _is_running(store, group):
        queue.send_request(store, run_id, "pause")


def _prune(store: Store, study: Study, run: Run, optuna_study: "optuna.Study") -> None:
    """Request the stop of a poor trial and note why; a note that somebody has written stays.

    The note of a trial that ended before the request is removed.
    """
    if trials.is_over(run):
        if not trials.is_pruned(run) and run.note.startswith(trials.PRUNED):
            store.change(run.id, {"note": run.note}, note="")
        return
    if not study.pruning or not 0 < run.epochs < run.planned or run.trial is None:
        return
    if optuna_trials.should_prune(optuna_study, run.trial):
        note = f"{trials.PRUNED} after epoch {run.epochs} below the median of the trials before it"
        trains = {"state": "running", "request": None}
        if not store.change(run.id, trains | {"note": ""}, request="stop", note=note):
            store.change(run.id, trains, request="stop")


def _finish(store: Store, group: Group, runs: Mapping[int, Run]) -> None:
    """Mark the study as finished, or as failed without any completed trial."""
    state, reason = "finished", ""
    if all(run.state != "finished" for run in runs.values()):
        reasons = [run.reason for run in runs.values() if run.reason]
        state, reason = "failed", "no trial was completed" + "".join(f": {r}" for r in reasons[:1])
    groups.update_if(store, group, {"state": "running"}, state=state, reason=reason)
