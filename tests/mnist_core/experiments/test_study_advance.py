"""A study is looked after by one at a time, and loses nothing when that one dies."""

import itertools
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.execution import queue
from mnist_core.experiments import studies
from mnist_core.storage import groups, leases, trials
from mnist_core.storage.database import default_url
from mnist_core.storage.runs import Store
from tests.mnist_core.experiments.pretended_studies import (
    all_of,
    look,
    open_runs,
    pretend,
    steady,
    study,
)


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_around_the_making_of_a_run_loses_no_trial_and_counts_none_twice(
    store, monkeypatch, moment
):
    group = studies.start(store, study(trials=4), "")
    made, broken = Store.create_run, itertools.cycle([True, False])

    def crash(*arguments, **columns):
        run = made(*arguments, **columns) if moment == "after" else None
        if next(broken):
            raise KeyboardInterrupt
        return run or made(*arguments, **columns)

    monkeypatch.setattr(Store, "create_run", crash)
    for _ in range(30):
        try:
            look()
        except KeyboardInterrupt:
            studies._settled.clear()  # as after a restart
        for row in open_runs(store, group.id):
            pretend_quietly(store, row)
    view = studies.read(store, group.id)
    assert view.group.state == "finished"
    assert len(store.runs(group.id)) == 4
    known = studies.optuna_study(store, group.id).trials
    assert [t.params for t in known] == [trial.params for trial in view.trials]
    assert [t.state.name for t in known] == 4 * ["COMPLETE"]


def pretend_quietly(store: Store, row: Run) -> None:
    queue.claim(store, row.id)
    store.record_epoch(row.id, Epoch(1, 0.1, 0.9, 0.1, 0.9, 0.001, 1.0), b"")
    store.update(row.id, state="finished")


def test_what_is_drawn_does_not_depend_on_a_restart_and_is_never_repeated(store):
    views = []
    for restarts in (False, True):
        group = studies.start(store, study(trials=14), "")
        look()
        while waiting := open_runs(store, group.id):
            pretend(store, waiting[0], *steady(waiting[0].trial or 0))
            if restarts:
                studies._settled.clear()
            look()
        views.append([trial.params for trial in studies.read(store, group.id).trials])
    assert views[0] == views[1]
    assert len({params["learning_rate"] for params in views[0]}) == 14


def test_one_process_at_a_time_looks_after_a_study(store):
    group = studies.start(store, study(), "")
    code = (
        "from mnist_core.storage.leases import this_process as p; print(p(), flush=True); input()"
    )
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as other:
        assert other.stdout
        groups.update_if(store, group, {"worker": None}, worker=other.stdout.readline().strip())
        look()
        assert open_runs(store, group.id) == []
        other.kill()
    look()
    assert len(open_runs(store, group.id)) == 2
    assert groups.find(store, group.id).worker == leases.this_process()


def test_after_a_clean_restart_a_study_goes_on_at_once(store, monkeypatch):
    group = studies.start(store, study(), "")
    look()
    studies.release(default_url())
    assert groups.find(store, group.id).worker is None
    monkeypatch.setattr(leases, "this_process", lambda: "elsewhere:1:0.00")
    look(3)
    assert len(open_runs(store, group.id)) == 4
    assert groups.find(store, group.id).worker == "elsewhere:1:0.00"


def test_whoever_looks_after_a_study_says_so_again_and_again(store):
    group = studies.start(store, study(), "")
    look()
    before = datetime.now(UTC) - studies.HEARTBEAT_EVERY - timedelta(seconds=1)
    groups.update_if(store, group, {}, heartbeat_at=before)
    look()
    beat = groups.find(store, group.id).heartbeat_at
    assert beat
    assert datetime.now(UTC) - beat < timedelta(seconds=20)


def test_what_another_process_has_chosen_meanwhile_is_seen(store):
    group = studies.start(store, study(trials=4), "")
    look()
    now = datetime.now(UTC)
    groups.update_if(store, group, {}, worker="elsewhere:1:0.00", heartbeat_at=now)
    look()
    spec = open_runs(store, group.id)[0].spec
    third = store.create_run(spec, group_id=group.id, trial=2)  # then the other one dies
    groups.update_if(store, group, {}, heartbeat_at=now - leases.LEASE - timedelta(seconds=1))
    all_of(store, group.id, steady)
    view = studies.read(store, group.id)
    assert [trial.number for trial in view.trials] == [0, 1, 2, 3]
    assert view.trials[2].run_id == third.id
    assert view.group.state == "finished"


@pytest.mark.parametrize("moment", ["made", "queued"])
def test_a_study_that_is_stopped_during_a_look_leaves_nothing_waiting(store, monkeypatch, moment):
    group = studies.start(store, study(), "")
    if moment == "queued":
        look()
        queue.send_request(store, open_runs(store, group.id)[0].id, "pause")
    owner, name = (Store, "create_run") if moment == "made" else (queue, "enqueue")
    done = getattr(owner, name)

    def stopped_just_before(*arguments, **columns):
        studies.stop(store, group.id)
        return done(*arguments, **columns)

    monkeypatch.setattr(owner, name, stopped_just_before)
    look()
    assert open_runs(store, group.id) == []
    assert {row.state for row in trials.trial_runs(store, group.id).values()} == {"paused"}


def test_a_study_that_cannot_be_read_fails_and_holds_up_nobody(store):
    bad = groups.create(store, "study", "", "{}", "running")
    good = studies.start(store, study(trials=1), "")
    all_of(store, good.id, steady)
    assert groups.find(store, good.id).state == "finished"
    assert "missing" in groups.find(store, bad.id).reason


def test_an_idle_look_imports_no_optuna():
    code = (
        "import sys; from mnist_core.experiments import studies; "
        "from mnist_core.storage.database import default_url; "
        "studies.advance(default_url(), 1); print('optuna' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
