"""A student's own work: what counts, and what never counts."""

from mnist_core.experiments import definitions
from mnist_core.experiments.definitions import Folds
from mnist_core.storage import deletion
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from tests.mnist_core.teaching.lessons.tasks import (
    NOTE_5,
    TWO_EPOCHS,
    trained,
    verdict,
    with_settings,
)


def test_in_a_class_only_ones_own_runs_and_experiments_count():
    me, other = (Store("class", visitor=name) for name in ("me", "other"))
    trained(other, 0.98)
    group = definitions.start(other, Folds(spec=NOTE_5, folds=2))
    for run in other.runs(group.id):
        other.update(run.id, state="finished", test_accuracy=0.98, epochs=run.planned)
    assert verdict(other, **TWO_EPOCHS).passed
    assert not verdict(me, **TWO_EPOCHS).passed
    folds = {"kind": "folds", "folds": 2}
    assert (
        verdict(me, **folds).words
        == "No cross-validation with at least 2 folds yet: start one on Tune."
    )
    assert verdict(other, **folds).words != verdict(me, **folds).words
    trained(me, 0.975)
    assert verdict(me, **TWO_EPOCHS).passed


def test_what_is_not_a_students_own_evaluated_run_never_counts(store):
    trained(Store(EXAMPLES), 0.99)
    trained(Store("another"), 0.99)
    trained(store, None)
    trained(store, 0.99, origin="model.keras")
    trained(store, 0.99, trial=0, state="running")
    trained(store, 0.99, with_settings(schedule="range_test"))
    gone = trained(store, 0.99)
    deletion.delete(store, [gone.id])
    found = verdict(store, **TWO_EPOCHS)
    assert (found.passed, found.run_id) == (False, None)
    assert found.words.startswith("No run of")
    trained(store, 0.99, state="running")
    assert not verdict(store, **TWO_EPOCHS).passed
