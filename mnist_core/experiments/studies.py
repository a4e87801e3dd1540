"""Optuna studies: trials are runs of a group, and the engine's thread moves each study on.

What people see is in the runs; Optuna's own tables, in the same database, only choose. How a
study is moved on is in `looker`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
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
from mnist_core.storage.trials import Row
from mnist_core.utils.errors import MnistError

HEARTBEAT_EVERY = timedelta(seconds=30)

logger = logging.getLogger(__name__)
_lock = Lock()  # two engines of one process have one name
_lookers: "dict[tuple[str, int], _Looker]" = {}


def advance(url: str, places: int) -> None:
    """Move every running study on, unless another process looks after it.

    places: how many runs can train at once, those that do already included. Costs one query while
    no study runs. Raises StoreError when the database cannot be used.
    """
    with _lock:
        running = groups.searching(url)
        alive = {(url, group.id) for group in running}
        for key in [key for key in _lookers if key[0] == url and key not in alive]:
            del _lookers[key]
        for group in running:
            store = Store(group.workspace, url)
            if _hold(store, group):
                _move(store, group, places)


def release(url: str) -> None:
    """Leave the studies that this process looks after to others."""
    with _lock:
        for key in [key for key in _lookers if key[0] == url]:
            looker = _lookers.pop(key)
            mine = {"worker": queue.this_process()}
            groups.change(looker.store, looker.group, mine, worker=None, heartbeat_at=None)


@contextmanager
def hold_still() -> Iterator[None]:
    """Nothing is moved on in this process meanwhile."""
    with _lock:
        yield


def name_of(group: Group) -> str:
    """What Optuna calls a study; the time, since SQLite gives the number of a deleted one again."""
    return f"{group.workspace}/{group.id}/{group.created_at.isoformat()}"


def _hold(store: Store, group: Group) -> bool:
    """Whether this process looks after a study, or does from now on."""
    me, now = queue.this_process(), datetime.now(UTC)
    ours = group.worker == me
    if ours and group.heartbeat_at and now - group.heartbeat_at < HEARTBEAT_EVERY:
        return True
    if not ours:
        _lookers.pop((store.database.url, group.id), None)  # another one may have moved it on
        if not queue.is_abandoned(group):
            return False
    expected = {"state": "running", "worker": group.worker}
    return groups.change(store, group, expected, worker=me, heartbeat_at=now)


def _move(store: Store, group: Group, places: int) -> None:
    key = (store.database.url, group.id)
    unusable: tuple[type[Exception], ...] = ()
    try:
        unusable = optuna_storage.storage_errors()
        if key not in _lookers:
            _lookers[key] = _Looker(store, group)
        _lookers[key].look(places)
    except StoreError:
        if _runs(store, group):
            raise
    except Exception as error:  # a study in error must not hold up the runs of others
        _lookers.pop(key, None)
        if isinstance(error, unusable):
            raise StoreError(f"the tables of the studies cannot be used ({error})") from error
        if not isinstance(error, MnistError):
            logger.exception("Study %d ended in an error", group.id)
        reason = (
            str(error) if isinstance(error, MnistError) else f"an error of ours: {error!r:.200}"
        )
        groups.change(store, group, {"state": "running"}, state="failed", reason=reason)


def _runs(store: Store, group: Group) -> bool:
    """Whether a study is still there and to be looked after."""
    try:
        return groups.find(store, group.id).state == "running"
    except StoreError:
        return False


class _Looker:
    """A study between two looks: what Optuna has been told, so that it is told only once.

    begun: trials that Optuna knows; open: those without a result, by number; reported: how many
    epochs of a trial it has.
    """

    def __init__(self, store: Store, group: Group) -> None:
        self.store, self.group = store, group
        self.study = Study.from_json(group.settings)
        self.optuna = optuna_storage.opened(store.database.url, name_of(group))
        self.begun, self.open, self.reported = optuna_storage.known(store.database.url, self.optuna)

    def look(self, places: int) -> None:
        """Tell, then ask: what is chosen next knows all that has been found."""
        rows = trials.rows(self.store, self.group.id)
        if paused := [row for row in rows.values() if row.state == "paused" and not row.deleted]:
            self._go_on(paused)
            rows = trials.rows(self.store, self.group.id)
        for number in sorted(self.open.keys() - rows.keys()):
            self._make_run(number)
        self._tell([row for row in rows.values() if row.number in self.open])
        active = sum(number not in rows or rows[number].trains for number in self.open)
        while self.begun < self.study.total and active < places + 1:
            trial = self.optuna.ask()
            self.begun, self.open[trial.number] = trial.number + 1, trial
            self._make_run(trial.number)
            active += 1
        if self.begun >= self.study.total and not self.open:
            self._finish(rows)

    def _go_on(self, paused: list[Row]) -> None:
        """In a study that runs nothing is paused: it would wait for ever."""
        for row in paused:
            queue.enqueue(self.store, row.run_id)
            self._pause_if_stopped(row.run_id)

    def _make_run(self, number: int) -> None:
        """Choose what was not chosen yet, and queue a run of it."""
        self.optuna.sampler = optuna_storage.sampler(self.study, number)
        spec = spec_of(self.study, optuna_storage.suggest(self.open[number], self.study))
        run = self.store.create_run(spec, f"trial {number}", self.group.id, trial=number)
        self._pause_if_stopped(run.id)

    def _pause_if_stopped(self, run_id: int) -> None:
        """Whoever stopped the study just now did not see that this run waits."""
        if not _runs(self.store, self.group):
            queue.ask(self.store, run_id, "pause")

    def _tell(self, rows: list[Row]) -> None:
        """What is new of the open trials."""
        news = [row for row in rows if row.over or row.epochs > self.reported.get(row.number, 0)]
        figures = trials.validations(self.store, [row.run_id for row in news])
        for row in news:
            trial, epochs = self.open[row.number], figures[row.run_id]
            for count in range(self.reported.get(row.number, 0), len(epochs)):
                reached = trials.value(epochs[: count + 1], self.study.base)
                trial.report(reached or 0.0, epochs[count].epoch)
            self.reported[row.number] = len(epochs)
            if row.over:
                self._close(row, epochs)
            elif self.study.pruning and row.epochs < row.planned and trial.should_prune():
                self._prune(row)

    def _close(self, row: Row, epochs: list[Epoch]) -> None:
        value = trials.value(epochs, self.study.base)
        trial = self.open.pop(row.number)
        if row.state == "finished" and value is not None:
            self.optuna.tell(trial, value)
        elif row.state in ("stopped", "paused"):  # paused, then deleted: undone, it is stopped
            self.optuna.tell(trial, state=optuna_storage.trial_state("PRUNED"))
        else:
            trial.set_user_attr("reason", row.reason or "its run was deleted")
            self.optuna.tell(trial, state=optuna_storage.trial_state("FAIL"))
        if not row.pruned and row.note.startswith(trials.PRUNED):  # it was through before it heard
            self.store.change(row.run_id, {"note": row.note}, note="")

    def _prune(self, row: Row) -> None:
        """Ask a trial to end and note why; a note of somebody's own stays."""
        note = f"{trials.PRUNED} after epoch {row.epochs} below the median of the trials before it"
        trains = {"state": "running", "request": None}
        if not self.store.change(row.run_id, trains | {"note": ""}, request="stop", note=note):
            self.store.change(row.run_id, trains, request="stop")

    def _finish(self, rows: dict[int, Row]) -> None:
        state, reason = "finished", ""
        if all(row.state != "finished" for row in rows.values()):
            told = [row.reason for row in rows.values() if row.reason]
            state, reason = "failed", "no trial was completed" + "".join(f": {r}" for r in told[:1])
        groups.change(self.store, self.group, {"state": "running"}, state=state, reason=reason)


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
            queue.ask(store, row.run_id, "pause")


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
            queue.enqueue(store, row.run_id)


def delete(store: Store, group_id: int) -> None:
    """Remove a study with its trials' runs, for good. Raises StoreError where there is none."""
    group = _find(store, group_id)
    with hold_still():
        optuna_storage.removed(store.database.url, name_of(group))
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
    return optuna_storage.opened(store.database.url, name_of(_find(store, group_id)))


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
