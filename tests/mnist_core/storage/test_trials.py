"""The trials of a study as they are read from their runs."""

import pytest

from mnist_core.evaluation.history import Epoch
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Training
from mnist_core.storage import groups, trials
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES

SPEC = Spec(network=parse("F"), training=Training(epochs=4))


@pytest.fixture
def store(url) -> Store:
    return Store("mine", url)


@pytest.fixture
def study(store) -> int:
    return groups.create(store, "study", "a study").id


def epoch(number: int, val_accuracy: float | None) -> Epoch:
    val_loss = None if val_accuracy is None else 1 - val_accuracy
    return Epoch(number, 0.5, 0.8, val_loss, val_accuracy, 1e-3, 1.0)


def test_rows_are_the_trials_by_number(store, study):
    second = store.create_run(SPEC, group_id=study, trial=1)
    first = store.create_run(SPEC, group_id=study, trial=0)
    store.create_run(SPEC, group_id=study, trial=1)  # made twice: the first one counts
    store.create_run(SPEC, group_id=study)  # the best one, trained in full, is no trial
    found = trials.trial_runs(store, study)
    assert [(number, row.id) for number, row in found.items()] == [
        (0, first.id),
        (1, second.id),
    ]
    assert (found[0].planned, found[0].state) == (4, "queued")
    assert trials.trial_runs(Store("theirs", store.database.url), study) == {}


@pytest.mark.parametrize(
    ("state", "note", "over", "pruned", "active"),
    [
        ("queued", "", False, False, True),
        ("running", trials.PRUNED + " too low", False, False, True),
        ("paused", "", False, False, False),
        ("stopped", "", True, False, False),
        ("stopped", trials.PRUNED + " too low", True, True, False),
        ("finished", "", True, False, False),
        ("failed", "", True, False, False),
    ],
)
def test_what_a_row_says(store, study, state, note, over, pruned, active):
    run = store.create_run(SPEC, group_id=study, trial=0)
    store.update(run.id, state=state, note=note)
    row = trials.trial_runs(store, study)[0]
    assert (trials.is_over(row), trials.is_pruned(row)) == (over, pruned)
    assert row.is_active == active


def test_validations_are_the_epochs_with_validation(store):
    example = Store(EXAMPLES, store.database.url)
    theirs = Store("theirs", store.database.url)
    runs = [owner.create_run(SPEC) for owner in (store, example, theirs, store)]
    for owner, run in zip((store, example, theirs), runs, strict=False):
        for number, value in ((2, 0.9), (1, 0.8), (3, None)):
            owner.record_epoch(run.id, epoch(number, value), b"")
    found = trials.validated_epochs(store, [run.id for run in runs])
    expected = [epoch(1, 0.8), epoch(2, 0.9)]
    assert [found[run.id] for run in runs] == [expected, expected, [], []]


@pytest.mark.parametrize(("patience", "value"), [(None, 0.85), (2, 0.9)])
def test_a_value_is_that_of_the_weights_that_are_kept(patience, value):
    spec = SPEC.model_copy(update={"training": Training(early_stopping=patience)})
    epochs = [epoch(number, value) for number, value in enumerate((0.8, 0.9, 0.85), 1)]
    assert trials.objective_value(epochs, spec) == value
    assert trials.objective_value([], spec) is None
    assert trials.objective_value([epoch(1, None)], spec) is None
