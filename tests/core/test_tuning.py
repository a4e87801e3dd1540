"""Studies moved on look by look, with a pretended training; and one with a real engine."""

import itertools
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

import pytest

from mnist_core import claims, groups, looker, sampling, trials, tuning
from mnist_core.database import StoreError, default_url
from mnist_core.engine import Engine
from mnist_core.notation import parse
from mnist_core.progress import Epoch
from mnist_core.space import Range, Space, Study, full, spec_of
from mnist_core.spec import Spec, Split, Training
from mnist_core.store import Store
from mnist_core.trials import Row, Validation

BASE = Spec(
    network=parse("C4 M F"),
    training=Training(batch_size=64, epochs=7),
    split=Split(count=500, limit=2000),
)
SPACE = Space(learning_rate=Range(low=1e-4, high=1e-1), filters=(2, 4, 8))


def study(**changes) -> Study:
    return Study.model_validate({"base": BASE, "space": SPACE, "trials": 8} | changes)


@pytest.fixture
def store() -> Store:
    return Store()


def look(places: int = 1) -> None:
    tuning.advance(default_url(), places)


def open_runs(store: Store, group: int) -> list[Row]:
    return [row for row in trials.rows(store.database, group).values() if row.trains]


def pretend(store: Store, row: Row, *accuracies: float, state: str = "finished") -> None:
    """Train a run that waits, epoch by epoch, as a worker would; it hears when it is to stop."""
    claims.claim(store, row.run_id)
    for number, accuracy in enumerate(accuracies, start=1):
        epoch = Epoch(number, 0.1, 0.9, 1 - accuracy, accuracy, 0.001, 1.0)
        store.record_epoch(row.run_id, epoch, b"")
        look()
        if store.run(row.run_id).request:
            return store.update(row.run_id, state="stopped", request=None)
    return store.update(row.run_id, state=state, reason="it broke" if state == "failed" else "")


def all_of(store: Store, group: int, accuracies: Callable[[int], tuple[float, ...]]) -> None:
    """Pretend until nothing waits any more."""
    look()
    while waiting := open_runs(store, group):
        pretend(store, waiting[0], *accuracies(waiting[0].number))
        look()


def steady(number: int) -> tuple[float, float]:
    return 0.5 + number / 100, 0.6 + number / 100


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
def test_a_study_makes_its_trials_and_ends(store, sampler):
    space = Space(learning_rate=Range(low=1e-4, high=1e-1, steps=3), filters=(2, 4, 8))
    wanted = study(sampler=sampler, space=space)
    group = tuning.start(store, wanted, "mine")
    all_of(store, group.id, steady)
    view = tuning.read(store, group.id)
    assert (view.group.state, view.group.name, view.study) == ("finished", "mine", wanted)
    assert [trial.number for trial in view.trials] == list(range(8))
    assert {trial.state for trial in view.trials} == {"complete"}
    assert view.best == view.trials[7]
    assert view.trials[7].value == pytest.approx(0.67)
    known = tuning.optuna_study(store, group.id)
    assert [t.params for t in known.trials] == [trial.params for trial in view.trials]
    assert [t.value for t in known.trials] == [trial.value for trial in view.trials]
    assert known.best_trial.number == 7
    for trial in view.trials:
        run = store.run(trial.run_id)
        assert (run.spec, run.trial) == (spec_of(wanted, trial.params), trial.number)
        assert not run.sees_test
    if sampler == "grid":
        assert len({tuple(trial.params.values()) for trial in view.trials}) == 8


def test_no_more_wait_than_can_soon_be_trained(store):
    group = tuning.start(store, study(), "")
    for places in (0, 1, 3, 2):
        look(places)
        assert len(open_runs(store, group.id)) == {0: 1, 1: 2, 3: 4, 2: 4}[places]


def test_what_is_bad_is_pruned(store):
    group = tuning.start(store, study(trials=9), "")
    all_of(store, group.id, lambda n: (0.9, 0.95) if n < 6 else (0.1, 0.99))
    view = tuning.read(store, group.id)
    assert [trial.state for trial in view.trials] == 6 * ["complete"] + 3 * ["pruned"]
    assert (view.trials[8].value, view.trials[8].epochs) == (0.1, 1)
    assert view.trials[8].reason.startswith("pruned: after epoch 1 below the median")
    known = tuning.optuna_study(store, group.id)
    assert [t.state.name for t in known.trials] == 6 * ["COMPLETE"] + 3 * ["PRUNED"]
    assert known.trials[0].intermediate_values == {1: 0.9, 2: 0.95}


def test_nothing_is_pruned_unless_wanted(store):
    group = tuning.start(store, study(trials=9, pruning=False), "")
    all_of(store, group.id, lambda n: (0.9, 0.95) if n < 6 else (0.1, 0.2))
    assert {trial.state for trial in tuning.read(store, group.id).trials} == {"complete"}


def test_a_failed_trial_says_why_and_the_others_go_on(store):
    group = tuning.start(store, study(trials=4), "")
    look()
    pretend(store, open_runs(store, group.id)[0], state="failed")
    all_of(store, group.id, steady)
    view = tuning.read(store, group.id)
    assert (view.trials[0].state, view.trials[0].reason) == ("failed", "it broke")
    assert view.group.state == "finished"
    first = tuning.optuna_study(store, group.id).trials[0]
    assert (first.state.name, first.user_attrs) == ("FAIL", {"reason": "it broke"})


def test_a_trial_that_a_person_stops_counts_as_pruned(store):
    group = tuning.start(store, study(trials=1), "")
    look()
    pretend(store, open_runs(store, group.id)[0], 0.4, state="stopped")
    look()
    (trial,) = tuning.read(store, group.id).trials
    assert (trial.state, trial.value) == ("pruned", 0.4)
    assert tuning.optuna_study(store, group.id).trials[0].state.name == "PRUNED"


def test_a_study_without_any_complete_trial_has_failed(store):
    group = tuning.start(store, study(trials=2), "")
    look()
    while waiting := open_runs(store, group.id):
        pretend(store, waiting[0], state="failed")
        look()
    view = tuning.read(store, group.id)
    assert (view.group.state, view.best) == ("failed", None)
    assert view.group.reason == "no trial was completed: it broke"


def test_with_early_stopping_the_value_is_that_of_the_weights_that_are_kept():
    epochs = [Validation(1, 0.7, 0.3), Validation(2, 0.6, 0.2), Validation(3, 0.9, 0.4)]
    assert trials.value(epochs, early_stopping=False) == 0.9
    assert trials.value(epochs, early_stopping=True) == 0.6
    assert trials.value([], early_stopping=True) is None


def test_stop_pauses_and_resume_goes_on(store):
    group = tuning.start(store, study(trials=4), "")
    look()
    training, _ = open_runs(store, group.id)
    claims.claim(store, training.run_id)
    tuning.stop(store, group.id)
    look()
    assert [trial.state for trial in tuning.read(store, group.id).trials] == ["running", "paused"]
    assert store.run(training.run_id).request == "pause"
    store.update(training.run_id, state="paused", request=None)
    look()
    assert open_runs(store, group.id) == []
    tuning.resume(store, group.id)
    all_of(store, group.id, steady)
    view = tuning.read(store, group.id)
    assert (view.group.state, len(view.trials)) == ("finished", 4)
    with pytest.raises(StoreError, match="is finished"):
        tuning.resume(store, group.id)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_crash_around_the_making_of_a_run_loses_no_trial_and_counts_none_twice(
    store, monkeypatch, moment
):
    group = tuning.start(store, study(trials=4), "")
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
            looker._lookers.clear()  # as after a restart
        for row in open_runs(store, group.id):
            pretend_quietly(store, row)
    view = tuning.read(store, group.id)
    assert view.group.state == "finished"
    assert len(store.runs(group.id)) == 4
    known = tuning.optuna_study(store, group.id).trials
    assert [t.params for t in known] == [trial.params for trial in view.trials]
    assert [t.state.name for t in known] == 4 * ["COMPLETE"]


def pretend_quietly(store: Store, row: Row) -> None:
    claims.claim(store, row.run_id)
    store.record_epoch(row.run_id, Epoch(1, 0.1, 0.9, 0.1, 0.9, 0.001, 1.0), b"")
    store.update(row.run_id, state="finished")


def test_a_crash_in_the_middle_of_a_choice_is_made_good(store, monkeypatch):
    group = tuning.start(store, study(trials=2), "")
    suggest = sampling._suggest

    def crash(trial, name, chosen):
        if name == "filters":
            raise KeyboardInterrupt
        return suggest(trial, name, chosen)

    with monkeypatch.context() as patched:
        patched.setattr(sampling, "_suggest", crash)
        with pytest.raises(KeyboardInterrupt):
            look()
    looker._lookers.clear()
    half = tuning.optuna_study(store, group.id).trials[0]
    assert set(half.params) == {"learning_rate"}
    all_of(store, group.id, steady)
    first = tuning.read(store, group.id).trials[0]
    assert first.params == tuning.optuna_study(store, group.id).trials[0].params
    assert first.params["learning_rate"] == half.params["learning_rate"]


def test_what_is_drawn_does_not_depend_on_a_restart_and_is_never_repeated(store):
    views = []
    for restarts in (False, True):
        group = tuning.start(store, study(trials=14), "")
        look()
        while waiting := open_runs(store, group.id):
            pretend(store, waiting[0], *steady(waiting[0].number))
            if restarts:
                looker._lookers.clear()
            look()
        views.append([trial.params for trial in tuning.read(store, group.id).trials])
    assert views[0] == views[1]
    assert len({params["learning_rate"] for params in views[0]}) == 14


def test_one_process_at_a_time_looks_after_a_study(store):
    group = tuning.start(store, study(), "")
    code = "from mnist_core.claims import this_process as p; print(p(), flush=True); input()"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", code], **pipes) as other:
        assert other.stdout
        groups.change(store, group, {"worker": None}, worker=other.stdout.readline().strip())
        look()
        assert open_runs(store, group.id) == []
        other.kill()
    look()
    assert len(open_runs(store, group.id)) == 2
    assert groups.find(store, group.id).worker == claims.this_process()
    tuning.release(default_url())
    assert groups.find(store, group.id).worker is None


def test_a_deleted_study_leaves_nothing_and_a_deleted_trial_is_not_made_again(store):
    kept, gone = (tuning.start(store, study(trials=3), name) for name in ("kept", "gone"))
    look()
    store.update(open_runs(store, kept.id)[0].run_id, deleted_at=datetime.now(UTC))
    tuning.delete(store, gone.id)
    all_of(store, kept.id, steady)
    view = tuning.read(store, kept.id)
    assert [trial.number for trial in view.trials] == [1, 2]
    assert view.group.state == "finished"
    with pytest.raises(StoreError):
        tuning.read(store, gone.id)
    names = [summary.study_name for summary in _summaries()]
    assert names == [f"local/{kept.id}"]


def _summaries():
    import optuna

    return optuna.get_all_study_summaries(sampling.storage(default_url()))


def test_a_study_that_cannot_be_read_fails_and_holds_up_nobody(store):
    bad = groups.create(store, "study", "", "{}", "running")
    good = tuning.start(store, study(trials=1), "")
    all_of(store, good.id, steady)
    assert groups.find(store, good.id).state == "finished"
    assert "missing" in groups.find(store, bad.id).reason


def test_other_workspaces_see_nothing_of_it(store):
    group = tuning.start(store, study(), "")
    for question in (tuning.read, tuning.stop, tuning.resume, tuning.delete, tuning.optuna_study):
        with pytest.raises(StoreError, match="there is no group"):
            question(Store("others"), group.id)
    with pytest.raises(StoreError, match="is no study"):
        tuning.read(store, groups.create(store, "repeat", "").id)


def test_an_idle_look_imports_no_optuna():
    code = (
        "import sys; from mnist_core import tuning; from mnist_core.database import default_url; "
        "tuning.advance(default_url(), 1); print('optuna' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kills with SIGKILL")
def test_the_engine_works_off_a_study_though_a_worker_is_killed_and_it_is_stopped(store):
    group = tuning.start(store, study(trials=6, trial_epochs=5, pruning=False), "")
    engine = Engine()
    engine.start()
    try:
        wait_until(lambda: running(store, group.id))
        worker = store.run(running(store, group.id)[0].run_id).worker or ""
        os.kill(int(worker.split(":")[1]), signal.SIGKILL)
        wait_until(lambda: len(done(store, group.id)) >= 2)
        tuning.stop(store, group.id)
        wait_until(lambda: not open_runs(store, group.id))
        assert tuning.read(store, group.id).group.state == "stopped"
        tuning.resume(store, group.id)
        engine.wake()
        wait_until(lambda: tuning.read(store, group.id).group.state != "running")
    finally:
        engine.stop()
    view = tuning.read(store, group.id)
    assert view.group.state == "finished"
    assert Counter(trial.state for trial in view.trials) == {"complete": 6}
    known = tuning.optuna_study(store, group.id).trials
    assert [t.value for t in known] == [trial.value for trial in view.trials]
    for trial in view.trials:
        run = store.run(trial.run_id)
        assert (run.epochs, run.test_accuracy) == (5, None)
        assert store.get(run.id, "predictions") is None
        assert store.get(run.id, "weights") is not None
    assert view.best
    assert full(view.study, view.best.params).training.epochs == 7


def running(store: Store, group: int) -> list[tuning.Trial]:
    return [t for t in tuning.read(store, group).trials if t.state == "running"]


def done(store: Store, group: int) -> list[tuning.Trial]:
    return [t for t in tuning.read(store, group).trials if t.state == "complete"]


def wait_until(condition: Callable[[], object], seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        Event().wait(0.05)
