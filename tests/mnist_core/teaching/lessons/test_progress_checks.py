"""The checks of lessons on real rows: what counts, what comes near, and what never counts."""

from typing import Any

from mnist_core.experiments import definitions, studies
from mnist_core.experiments.definitions import Depths, Folds
from mnist_core.experiments.search_space import spec_of
from mnist_core.network.notation import parse
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from tests.mnist_core.experiments.finished_runs import through
from tests.mnist_core.experiments.pretended_studies import study
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
        == "No cross-validation with at least 2 folds yet: start one in Tune."
    )
    assert verdict(other, **folds).words != verdict(me, **folds).words
    trained(me, 0.975)
    assert verdict(me, **TWO_EPOCHS).passed


# --- overfits, smaller, one_change ---


def test_overfitting_is_what_the_diagnosis_calls_so(store):
    assert "No run with validation images on at most 2,000" in (
        verdict(store, kind="overfits", images=2000).words
    )
    few = with_settings(split="last", limit=2000, count=500)
    near = trained(store, 0.9, few, (0.2, 0.1, 0.1, 0.108))
    trained(store, 0.9, NOTE_5, (0.2, 0.1, 0.15, 0.2))
    found = verdict(store, kind="overfits", images=2000)
    assert (found.passed, found.run_id) == (False, near.id)
    assert "1.08 times its lowest" in found.words
    run = trained(store, 0.9, few, (0.2, 0.1, 0.15, 0.2))
    found = verdict(store, kind="overfits", images=2000)
    assert (found.passed, found.run_id) == (True, run.id)
    assert "from 0.1000 to 0.2000" in found.words


def test_a_smaller_network_is_held_against_the_best_run_of_the_larger_one(store):
    task: dict[str, Any] = {"kind": "smaller", "than": "note-5", "factor": 0.5, "points": 0.3}
    assert "no run of note-5 to compare" in verdict(store, **task).words
    trained(store, 0.98)
    assert "at most 13,781 parameters yet" in verdict(store, **task).words
    trained(store, 0.99, with_settings("C32 M C64 M F D128"))
    small = trained(store, 0.9771, with_settings("C8 M C8 M F D32"))
    found = verdict(store, **task)
    assert (found.passed, found.run_id) == (True, small.id)
    assert "0.29 points less than 98.00" in found.words
    trained(store, 0.9801)
    found = verdict(store, **task)
    assert not found.passed
    assert "loses 0.30 points" in found.words


def test_a_smaller_network_is_held_against_the_example_at_first(store):
    example = trained(Store(EXAMPLES), 0.98)
    trained(store, 0.981, with_settings("C8 M C8 M F D32"))
    found = verdict(store, kind="smaller", than="note-5", factor=0.5, points=0)
    assert "0.10 points more" in found.words
    assert f"of run {example.id} (note-5)" in found.words


def test_the_network_itself_is_no_smaller_one(store):
    run = trained(store, 0.98)
    task: dict[str, Any] = {"kind": "smaller", "than": "note-5", "factor": 1.0}
    assert f"No run with at most {run.parameters:,}" in verdict(store, **task).words


def test_one_change_is_one_change_alone(store):
    task: dict[str, Any] = {"kind": "one_change", "setting": "learning_rate", "points": 1.0}
    first = trained(store, 0.95)
    trained(store, 0.99, with_settings(learning_rate=0.01, batch_size=64))
    trained(store, 0.99, with_settings(learning_rate=0.01), state="stopped")
    trained(store, 0.99, with_settings(learning_rate=0.02), planned=20)
    trained(store, 0.99)
    assert "No two finished runs yet" in verdict(store, **task).words
    trained(store, 0.985, with_settings(learning_rate=0.002))
    near = verdict(store, kind="one_change", setting="learning_rate", points=4)
    assert not near.passed
    assert "3.50 points of test accuracy; 4 are asked for" in near.words
    found = verdict(store, **task)
    assert found.passed
    assert f"Runs {first.id} and" in found.words
    assert "(0.001, 0.002)" in found.words


def test_another_split_or_network_is_one_change_too(store):
    trained(store, 0.95)
    trained(store, 0.96, with_settings(split="last", count=5_000))
    assert verdict(store, kind="one_change", setting="split", points=1).passed
    assert not verdict(store, kind="one_change", setting="network").passed
    trained(store, 0.94, NOTE_5.model_copy(update={"network": parse("F D16")}))
    assert verdict(store, kind="one_change", setting="network", points=1).passed


# --- groups ---


def test_folds_count_when_all_are_through(store):
    tiny = with_settings("F D4", epochs=2, limit=1000, count=200)
    assert "No cross-validation with at least 3" in verdict(store, kind="folds", folds=3).words
    definitions.start(store, Folds(spec=tiny, folds=2))
    assert not verdict(store, kind="folds", folds=3).passed
    group = definitions.start(store, Folds(spec=tiny, folds=3))
    runs = store.runs(group.id)
    for run in runs[:2]:
        through(store, run.id, 0.9)
    assert "2 of 3 runs are through" in verdict(store, kind="folds", folds=3).words
    through(store, runs[2].id, 0.96)
    found = verdict(store, kind="folds", folds=3)
    assert found.passed
    assert "mean val_accuracy 92.00\u00a0%" in found.words
    store.delete_run(runs[2].id)
    assert "was deleted" in verdict(store, kind="folds", folds=3).words


def test_depths_are_counted_by_networks(store):
    group = definitions.start(store, Depths(depths=(0, 1), folds=2))
    for run in store.runs(group.id):
        through(store, run.id, 0.9, epochs=5)
    assert verdict(store, kind="depths", variants=2).passed
    assert "at least 3 networks" in verdict(store, kind="depths", variants=3).words


def test_a_search_counts_its_complete_trials(store):
    assert verdict(store, kind="study", trials=3).words.startswith("0 of 3 complete trials")
    wanted = study(trials=5)
    group = studies.start(store, wanted, "mine")
    for number in range(5):
        spec = spec_of(wanted, {"learning_rate": 0.01, "filters": 4})
        ended = "stopped" if number == 2 else "running" if number == 4 else "finished"
        run = store.create_run(spec, "", group.id, trial=number)
        store.update(run.id, state=ended)
    found = verdict(store, kind="study", trials=3)
    assert found.passed
    assert "3 complete trials" in found.words
    assert not verdict(store, kind="study", trials=4).passed
    assert not verdict(Store("another"), kind="study", trials=1).passed
