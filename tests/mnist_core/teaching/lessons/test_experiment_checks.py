"""Checks of experiments on real rows: what counts, and what is said of an unfinished one."""

import pytest
from pydantic import ValidationError

from mnist_core.evaluation.history import Epoch
from mnist_core.experiments import definitions, studies
from mnist_core.experiments.definitions import Depths, Folds
from mnist_core.experiments.search_space import spec_of
from mnist_core.network.spec import Split
from mnist_core.network.value import limits
from mnist_core.storage.runs import Store
from tests.mnist_core.experiments.finished_runs import through
from tests.mnist_core.experiments.pretended_studies import study
from tests.mnist_core.teaching.lessons.tasks import CHECKS, verdict, with_settings


@pytest.mark.parametrize(
    ("name", "setting", "least", "most"),
    [
        ("folds", "folds", *limits(Split, "folds")),
        ("depths", "variants", 1, 7),  # from none to six hidden layers
        ("study", "trials", 1, None),
        ("run", "epochs", 1, None),
        ("run", "parameters", 1, None),
        ("run", "images", 1, None),
        ("run", "test_accuracy", 0, 1),
    ],
)
def test_a_task_asks_for_what_can_be_done_and_for_something(name, setting, least, most):
    for value in (least, most or 10_000):
        assert CHECKS.validate_python({"kind": name, setting: value})
    for value in (least - 1, most and most + 1):
        if value is not None:
            with pytest.raises(ValidationError, match=r"greater than|less than"):
                CHECKS.validate_python({"kind": name, setting: value})


def test_folds_count_when_all_are_through(store):
    tiny = with_settings("F D4", epochs=2, limit=1000, count=200)
    assert "No cross-validation with at least 3" in verdict(store, kind="folds", folds=3).words
    definitions.start(store, Folds(spec=tiny, folds=2))
    assert not verdict(store, kind="folds", folds=3).passed
    group = definitions.start(store, Folds(spec=tiny, folds=3))
    runs = store.runs(group.id)
    for run in runs[:2]:
        through(store, run.id, 0.9)
    found = verdict(store, kind="folds", folds=3)
    assert not found.passed
    assert found.words == "2 of 3 runs are finished; the task needs all of them."
    through(store, runs[2].id, 0.96)
    found = verdict(store, kind="folds", folds=3)
    assert found.passed
    assert "All 3 runs are finished, with a mean val_accuracy of 92.00\u00a0%" in found.words
    store.delete_run(runs[2].id)
    found = verdict(store, kind="folds", folds=3)
    assert not found.passed
    assert "was deleted" in found.words


def test_depths_are_counted_by_networks(store):
    group = definitions.start(store, Depths(depths=(0, 1), folds=2))
    for run in store.runs(group.id):
        through(store, run.id, 0.9, epochs=5)
    assert verdict(store, kind="depths", variants=2).passed
    found = verdict(store, kind="depths", variants=3)
    assert not found.passed
    assert "at least 3 networks" in found.words


def test_a_search_counts_its_complete_trials(store):
    assert verdict(store, kind="study", trials=3).words.startswith("0 of 3 complete trials")
    wanted = study(trials=5)
    group = studies.start(store, wanted, "mine")
    made = []
    for number in range(5):
        spec = spec_of(wanted, {"learning_rate": 0.01, "filters": 4})
        ended = "stopped" if number == 2 else "running" if number == 4 else "finished"
        run = store.create_run(spec, "", group.id, trial=number)
        share = 0.9 + number / 100
        store.record_epoch(run.id, Epoch(1, 0.1, 0.9, 1 - share, share, 1e-3, 1.0), b"")
        store.update(run.id, state=ended)
        made.append(run.id)
    found = verdict(store, kind="study", trials=3)
    assert found.passed
    assert "3 complete trials; the best, trial 3, reached 93.00\u00a0% val_acc" in found.words
    assert found.run_id == made[3]
    assert not verdict(store, kind="study", trials=4).passed
    assert not verdict(Store("another"), kind="study", trials=1).passed
    for run_id in made:  # trained for more epochs than the search plans: none is the best
        store.update(run_id, planned=99)
    found = verdict(store, kind="study", trials=3)
    assert (found.passed, found.run_id) == (True, None)
    assert found.words == "The search has 3 complete trials."
