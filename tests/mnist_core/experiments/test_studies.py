"""What a study promises: with a pretended training; `test_engine` has it with a real one."""

import pytest

from mnist_core.evaluation.history import Epoch
from mnist_core.execution import queue
from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Range, Space, spec_of
from mnist_core.storage import deletion, groups, trials
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store
from tests.mnist_core.experiments.pretended_studies import (
    BASE,
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


@pytest.mark.parametrize("sampler", ["tpe", "random", "grid"])
def test_a_study_makes_its_trials_and_ends(store, sampler):
    space = Space(learning_rate=Range(low=1e-4, high=1e-1, steps=3), filters=(2, 4, 8))
    wanted = study(sampler=sampler, space=space)
    group = studies.start(store, wanted, "mine")
    all_of(store, group.id, steady)
    view = studies.read(store, group.id)
    assert (view.group.state, view.group.name, view.study) == ("finished", "mine", wanted)
    assert [trial.number for trial in view.trials] == list(range(8))
    assert {trial.state for trial in view.trials} == {"complete"}
    assert view.best == view.trials[7]
    assert view.trials[7].value == pytest.approx(0.67)
    known = studies.optuna_study(store, group.id)
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
    group = studies.start(store, study(), "")
    for places in (0, 1, 3, 2):
        look(places)
        assert len(open_runs(store, group.id)) == {0: 1, 1: 2, 3: 4, 2: 4}[places]


def test_choices_are_round_and_the_same_everywhere(store):
    space = Space(learning_rate=Range(low=1e-4, high=1e-1), dropout=Range(low=0.1, high=0.4))
    for sampler in ("tpe", "random"):
        group = studies.start(store, study(trials=12, space=space, sampler=sampler), "")
        all_of(store, group.id, steady)
        view = studies.read(store, group.id)
        told = studies.optuna_study(store, group.id).trials
        assert [trial.params for trial in view.trials] == [trial.params for trial in told]
        for trial in view.trials:
            assert 0.1 <= trial.params["dropout"] <= 0.4
            for value in trial.params.values():
                assert value == float(f"{value:.4g}")


def test_a_failed_trial_says_why_and_the_others_go_on(store):
    group = studies.start(store, study(trials=4), "")
    look()
    pretend(store, open_runs(store, group.id)[0], state="failed")
    all_of(store, group.id, steady)
    view = studies.read(store, group.id)
    assert (view.trials[0].state, view.trials[0].reason) == ("failed", "it broke")
    assert view.group.state == "finished"
    first = studies.optuna_study(store, group.id).trials[0]
    assert first.state.name == "FAIL"


def test_a_study_without_any_complete_trial_has_failed(store):
    group = studies.start(store, study(trials=2), "")
    look()
    while waiting := open_runs(store, group.id):
        pretend(store, waiting[0], state="failed")
        look()
    view = studies.read(store, group.id)
    assert (view.group.state, view.best) == ("failed", None)
    assert view.group.reason == "no trial was completed: it broke"
    studies.resume(store, group.id)
    look()
    assert studies.read(store, group.id).group.state == "failed"  # and does not wait for ever


def test_stop_pauses_and_resume_goes_on(store):
    group = studies.start(store, study(trials=4), "")
    look()
    training, _ = open_runs(store, group.id)
    queue.claim(store, training.id)
    studies.stop(store, group.id)
    look()
    assert [trial.state for trial in studies.read(store, group.id).trials] == ["running", "paused"]
    assert store.run(training.id).request == "pause"
    store.update(training.id, state="paused", request=None)
    look()
    assert open_runs(store, group.id) == []
    studies.resume(store, group.id)
    all_of(store, group.id, steady)
    view = studies.read(store, group.id)
    assert (view.group.state, len(view.trials)) == ("finished", 4)
    with pytest.raises(StoreError, match="is finished"):
        studies.resume(store, group.id)


def test_a_trial_that_was_trained_for_longer_cannot_win(store):
    group = studies.start(store, study(trials=3), "")
    all_of(store, group.id, steady)
    first = studies.read(store, group.id).trials[0]
    learn_more(store, first.run_id)
    view = studies.read(store, group.id)
    assert view.trials[0].value == 0.99
    assert view.best == view.trials[2]


def learn_more(store: Store, run_id: int) -> None:
    """As older versions of the app allowed it."""
    store.update(run_id, planned=3)
    store.record_epoch(run_id, Epoch(3, 0.1, 0.9, 0.01, 0.99, 0.001, 1.0), b"")


def test_a_study_with_the_number_of_a_deleted_one_begins_anew(store):
    old = studies.start(store, study(trials=2), "")
    all_of(store, old.id, steady)
    runs = [trial.run_id for trial in studies.read(store, old.id).trials]
    deletion.delete(store, runs)
    studies.delete(store, old.id)
    new = studies.start(store, study(trials=1, space=Space(batch_size=(16, 32))), "")
    assert new.id == old.id  # SQLite
    all_of(store, new.id, steady)
    (trial,) = studies.read(store, new.id).trials
    assert trial.state == "complete"
    assert set(trial.params) == {"batch_size"}


def test_of_two_runs_with_one_number_the_first_counts(store):
    group = studies.start(store, study(trials=1), "")
    look()
    (row,) = open_runs(store, group.id)
    store.create_run(BASE, group_id=group.id, trial=row.trial)
    assert trials.trial_runs(store, group.id)[row.trial or 0].id == row.id


def test_a_deleted_study_leaves_nothing_and_the_others_go_on(store):
    kept, gone = (studies.start(store, study(trials=3), name) for name in ("kept", "gone"))
    look()
    studies.delete(store, gone.id)
    all_of(store, kept.id, steady)
    view = studies.read(store, kept.id)
    assert [trial.number for trial in view.trials] == [0, 1, 2]
    assert view.group.state == "finished"
    with pytest.raises(StoreError):
        studies.read(store, gone.id)


def test_other_workspaces_see_nothing_of_it(store):
    group = studies.start(store, study(), "")
    for question in (
        studies.read,
        studies.stop,
        studies.resume,
        studies.delete,
        studies.optuna_study,
    ):
        with pytest.raises(StoreError, match="there is no group"):
            question(Store("others"), group.id)
    with pytest.raises(StoreError, match="is not a study"):
        studies.read(store, groups.create(store, "repeat", "").id)
