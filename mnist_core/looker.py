"""How a study is moved on: told what came of its trials, asked which to try next.

One process at a time looks after a study: its name is in the group. Optuna knows a trial before
its run exists, and its result after the run is over; whatever dies between leaves a trial that is
open in Optuna, and the next look does what was left undone.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Lock

from mnist_core import claims, groups, sampling, trials
from mnist_core.database import StoreError
from mnist_core.errors import MnistError
from mnist_core.groups import Group
from mnist_core.progress import Epoch
from mnist_core.space import Study, spec_of
from mnist_core.store import Store
from mnist_core.summary import check
from mnist_core.trials import Row

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
            mine = {"worker": claims.this_process()}
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
    me, now = claims.this_process(), datetime.now(UTC)
    ours = group.worker == me
    if ours and group.heartbeat_at and now - group.heartbeat_at < HEARTBEAT_EVERY:
        return True
    if not ours:
        _lookers.pop((store.database.url, group.id), None)  # another one may have moved it on
        if not claims.is_abandoned(group):
            return False
    expected = {"state": "running", "worker": group.worker}
    return groups.change(store, group, expected, worker=me, heartbeat_at=now)


def _move(store: Store, group: Group, places: int) -> None:
    key = (store.database.url, group.id)
    unusable: tuple[type[Exception], ...] = ()
    try:
        unusable = sampling.storage_errors()
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
        self.optuna = sampling.opened(store.database.url, name_of(group))
        self.begun, self.open, self.reported = sampling.known(self.optuna)

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
            claims.enqueue(self.store, row.run_id)
            self._pause_if_stopped(row.run_id)

    def _make_run(self, number: int) -> None:
        """Choose what was not chosen yet, and queue a run of it."""
        self.optuna.sampler = sampling.sampler(self.study, number)
        spec = spec_of(self.study, sampling.suggest(self.open[number], self.study))
        parameters, name = check(spec.network).parameters, f"trial {number}"
        run = self.store.create_run(spec, parameters, name, self.group.id, trial=number)
        self._pause_if_stopped(run.id)

    def _pause_if_stopped(self, run_id: int) -> None:
        """Whoever stopped the study just now did not see that this run waits."""
        if not _runs(self.store, self.group):
            claims.ask(self.store, run_id, "pause")

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
            self.optuna.tell(trial, state=sampling.trial_state("PRUNED"))
        else:
            trial.set_user_attr("reason", row.reason or "its run was deleted")
            self.optuna.tell(trial, state=sampling.trial_state("FAIL"))
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
