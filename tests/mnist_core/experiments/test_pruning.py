"""Trials that end before their time: by the pruner, by a person, by deletion."""

import pytest

from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.execution import queue
from mnist_core.experiments import studies
from mnist_core.storage import artifacts, deletion, trials
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


def test_what_is_bad_is_pruned(store):
    group = studies.start(store, study(trials=9), "")
    all_of(store, group.id, lambda n: (0.9, 0.95) if n < 6 else (0.1, 0.99))
    view = studies.read(store, group.id)
    assert [trial.state for trial in view.trials] == 6 * ["complete"] + 3 * ["pruned"]
    assert (view.trials[8].value, view.trials[8].epochs) == (0.1, 1)
    assert view.trials[8].reason.startswith("pruned: after epoch 1 below the median")
    known = studies.optuna_study(store, group.id)
    assert [t.state.name for t in known.trials] == 6 * ["COMPLETE"] + 3 * ["PRUNED"]
    assert known.trials[0].intermediate_values == {1: 0.9, 2: 0.95}


def test_the_first_five_are_not_compared(store):
    group = studies.start(store, study(trials=6), "")
    all_of(store, group.id, lambda n: (0.1, 0.2) if n >= 4 else (0.9, 0.95))
    view = studies.read(store, group.id)
    assert [trial.state for trial in view.trials] == 5 * ["complete"] + ["pruned"]


def after_six_good_ones(store: Store) -> tuple[int, Run]:
    """A study's number, and its seventh trial, in training."""
    group = studies.start(store, study(trials=7), "").id
    look()
    while (row := open_runs(store, group)[0]).trial != 6:
        pretend(store, row, 0.9, 0.95)
        look()
    queue.claim(store, row.id)
    return group, row


def learn(store: Store, row: Run, *accuracies: float) -> None:
    done = store.run(row.id).epochs
    for number, accuracy in enumerate(accuracies, start=done + 1):
        epoch = Epoch(number, 0.1, 0.9, 1 - accuracy, accuracy, 0.001, 1.0)
        store.record_epoch(row.id, epoch, b"")


def test_a_trial_at_its_last_epoch_is_not_pruned(store):
    group, row = after_six_good_ones(store)
    learn(store, row, 0.1, 0.2)
    look()
    run = store.run(row.id)
    assert (run.request, run.note) == (None, "")
    store.update(row.id, state="finished")
    look()
    assert studies.read(store, group).trials[6].state == "complete"


def test_a_trial_that_is_through_before_it_hears_is_complete_without_a_reason(store):
    group, row = after_six_good_ones(store)
    learn(store, row, 0.1)
    look()
    run = store.run(row.id)
    assert run.request == "stop"
    assert run.note.startswith("pruned: after epoch 1")
    learn(store, row, 0.99)
    store.update(row.id, state="finished", request=None)
    assert studies.read(store, group).trials[6].reason == ""
    look()
    trial = studies.read(store, group).trials[6]
    assert (trial.state, trial.reason, store.run(row.id).note) == ("complete", "", "")
    assert studies.optuna_study(store, group).trials[6].state.name == "COMPLETE"


@pytest.mark.parametrize("asked", ["over", "paused"])
def test_a_trial_is_not_noted_as_pruned_unless_it_is_asked_to_stop(store, monkeypatch, asked):
    group, row = after_six_good_ones(store)
    learn(store, row, 0.1)
    validations = trials.validated_epochs

    def late(*arguments):
        """Between what a look reads and what it asks for."""
        if asked == "over":
            store.update(row.id, state="finished")
        else:
            store.update(row.id, request="pause")
        return validations(*arguments)

    with monkeypatch.context() as patched:
        patched.setattr(trials, "validated_epochs", late)
        look()
    run = store.run(row.id)
    assert (run.note, run.request) == ("", None if asked == "over" else "pause")
    assert group


def test_a_note_of_somebodys_own_stays_and_is_no_reason(store):
    group, row = after_six_good_ones(store)
    store.update(row.id, note="mine")
    learn(store, row, 0.1)
    look()
    assert store.run(row.id).request == "stop"
    store.update(row.id, state="stopped", request=None)
    look()
    trial = studies.read(store, group).trials[6]
    assert (trial.state, trial.reason, store.run(row.id).note) == ("pruned", "", "mine")


def test_nothing_is_pruned_unless_wanted(store):
    group = studies.start(store, study(trials=9, pruning=False), "")
    all_of(store, group.id, lambda n: (0.9, 0.95) if n < 6 else (0.1, 0.2))
    assert {trial.state for trial in studies.read(store, group.id).trials} == {"complete"}


def test_a_trial_that_a_person_stops_counts_as_pruned(store):
    group = studies.start(store, study(trials=1), "")
    look()
    pretend(store, open_runs(store, group.id)[0], 0.4, state="stopped")
    look()
    (trial,) = studies.read(store, group.id).trials
    assert (trial.state, trial.value) == ("pruned", 0.4)
    assert studies.optuna_study(store, group.id).trials[0].state.name == "PRUNED"


def curve(*figures: tuple[float, float]) -> list[Epoch]:
    """Epochs with these pairs of val_accuracy and val_loss."""
    return [
        Epoch(number, 0.1, 0.9, loss, accuracy, 0.001, 1.0)
        for number, (accuracy, loss) in enumerate(figures, start=1)
    ]


PATIENT = BASE.model_copy(
    update={"training": BASE.training.model_copy(update={"early_stopping": 1})}
)


def test_with_early_stopping_the_value_is_that_of_the_weights_that_are_kept():
    epochs = curve((0.7, 0.3), (0.6, 0.2), (0.9, 0.4))
    assert trials.objective_value(epochs, BASE) == 0.9
    assert trials.objective_value(epochs, PATIENT) == 0.6
    assert trials.objective_value([], PATIENT) is None


def test_optuna_is_told_of_the_weights_that_are_kept_so_far(store):
    group = studies.start(store, study(trials=1, base=PATIENT), "")
    look()
    pretend(store, open_runs(store, group.id)[0], 0.9, 0.3, state="stopped")
    look()
    (told,) = studies.optuna_study(store, group.id).trials
    (trial,) = studies.read(store, group.id).trials
    assert told.intermediate_values == {1: 0.9, 2: 0.9}
    assert (told.state.name, told.value) == ("PRUNED", 0.9)
    assert trial.value == 0.9


@pytest.mark.parametrize("training", [True, False])
def test_whoever_stops_and_goes_on_at_once_loses_nothing(store, training):
    group = studies.start(store, study(trials=3), "")
    look()
    row = open_runs(store, group.id)[0]
    if training:
        queue.claim(store, row.id)
        studies.stop(store, group.id)
        studies.resume(store, group.id)
        store.update(row.id, state="paused", request=None)  # it heard of the stop alone
    else:
        queue.send_request(store, row.id, "pause")
    look()
    assert store.run(row.id).state == "queued"
    assert len(open_runs(store, group.id)) == 2
    all_of(store, group.id, steady)
    view = studies.read(store, group.id)
    assert view.group.state == "finished"
    assert [trial.state for trial in view.trials] == 3 * ["complete"]


@pytest.mark.parametrize("state", ["paused", "finished"])
def test_a_trial_that_was_deleted_is_made_again_with_the_study(store, state):
    group = studies.start(store, study(trials=2), "")
    look()
    row = open_runs(store, group.id)[0]
    if state == "finished":
        pretend(store, row, 0.4, state="finished")
        look()
    studies.stop(store, group.id)
    deletion.delete(store, [row.id])
    studies.resume(store, group.id)
    all_of(store, group.id, steady)
    view = studies.read(store, group.id)
    assert [trial.number for trial in view.trials] == [0, 1]
    assert view.trials[row.trial or 0].run_id > row.id
    assert [trial.state for trial in view.trials] == ["complete"] * 2
    assert view.group.state == "finished"


@pytest.mark.parametrize("state", ["stopped", "interrupted", "failed", "finished"])
def test_what_is_told_of_a_trial_stays(store, state):
    group = studies.start(store, study(trials=1), "")
    look()
    row = open_runs(store, group.id)[0]
    pretend(store, row, 0.4, state=state)
    look()
    before = studies.read(store, group.id)
    queue.enqueue(store, row.id)
    with pytest.raises(StoreError, match="a trial that is over"):
        queue.claim(store, row.id)
    with pytest.raises(StoreError, match="train its settings in full"):
        artifacts.plan_more_epochs(store, row.id, 2)
    assert studies.read(store, group.id) == before
