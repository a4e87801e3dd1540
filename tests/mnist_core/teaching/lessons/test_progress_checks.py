"""The checks of lessons on real rows: what counts, what comes near, and what never counts."""

from typing import Any

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.experiments import definitions, studies
from mnist_core.experiments.definitions import Depths, Folds
from mnist_core.experiments.search_space import spec_of
from mnist_core.insight.distortions import DISTORTIONS
from mnist_core.network.notation import parse
from mnist_core.network.presets import find
from mnist_core.network.settings import change_settings
from mnist_core.network.spec import Spec
from mnist_core.storage import artifacts, deletion
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.teaching.lessons.checks import KINDS
from mnist_core.teaching.lessons.lesson import Lesson
from mnist_core.teaching.lessons.progress_checks import check_task
from mnist_core.teaching.lessons.verdict import Verdict
from tests.mnist_core.experiments.finished_runs import through
from tests.mnist_core.experiments.pretended_studies import study

NOTE_5 = find("note-5")
TWO_EPOCHS: dict[str, Any] = {"kind": "run", "preset": "note-5", "epochs": 2, "test_accuracy": 0.97}


@pytest.fixture
def store() -> Store:
    return Store()


def trained(
    store: Store, accuracy: float | None, spec: Spec = NOTE_5, val_losses=(0.2, 0.1), **columns
) -> Run:
    """As if it had been trained for as many epochs as there are losses, and evaluated."""
    run = store.create_run(spec, queued=False)
    for number, val_loss in enumerate(val_losses, start=1):
        store.record_epoch(run.id, Epoch(number, 0.3 / number, 0.9, val_loss, 0.9, 1e-3, 1.0), b"")
    store.update(run.id, **{"state": "finished", "test_accuracy": accuracy} | columns)
    return store.run(run.id)


def with_settings(network: str | None = None, **settings) -> Spec:
    base = NOTE_5 if network is None else Spec(network=parse(network))
    return change_settings(base, settings)


def verdict(store: Store, answer: str = "", start: Spec | None = None, **check: Any) -> Verdict:
    made = KINDS[check["kind"]].model_validate(check)
    lesson = Lesson("x", "X", 1, 45, "", "", start, "", made, "", ())  # type: ignore[arg-type]  KINDS holds checks
    return check_task(store, lesson, answer)


# --- run ---


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


def test_a_run_that_meets_all_counts_and_the_best_of_them_is_named(store):
    assert verdict(store, **TWO_EPOCHS).words.startswith("No run of `C8 M C16 M F D64 Drop0.2`")
    trained(store, 0.97)
    best = trained(store, 0.9751)
    trained(store, 0.972)
    found = verdict(store, **TWO_EPOCHS)
    assert (found.passed, found.run_id) == (True, best.id)
    assert found.words == f"Run {best.id} counts: 97.51\u00a0%: 249 wrong of 10,000."


def test_a_near_miss_says_what_is_missing(store):
    trained(store, 0.95)
    near = trained(store, 0.9621)
    trained(store, 0.99, with_settings("C8 M C16 M F D64 Drop0.3"))
    found = verdict(store, **TWO_EPOCHS)
    assert (found.passed, found.run_id) == (False, near.id)
    assert found.words == f"Run {near.id} came nearest: 96.21\u00a0%, 0.79 points short."
    trained(store, 0.98, val_losses=(0.1,))
    assert "1 of 2 epochs" in verdict(store, **TWO_EPOCHS).words


def test_exactly_enough_is_enough(store):
    run = trained(store, 9_700 / 10_000)
    check: dict[str, Any]
    for check in ({"test_accuracy": 0.97}, {"wrong": 300}, {"parameters": run.parameters}):
        assert verdict(store, kind="run", **check).passed
    for check, words in (
        ({"test_accuracy": 0.9701}, "0.01 points short"),
        ({"wrong": 299}, "300 wrong of 10,000, 1 too many"),
        ({"parameters": run.parameters - 1}, "27,562 parameters, 1 too many"),
    ):
        found = verdict(store, kind="run", **check)
        assert not found.passed
        assert words in found.words


def test_what_a_run_must_have_and_how_it_was_trained(store):
    spec = with_settings("C8bn M F D16", optimizer="sgd", shift=1, limit=2000, count=500)
    run = trained(store, 0.9, spec)
    yes: dict[str, Any]
    no: dict[str, Any]
    for yes in (
        {"has": "batch_normalization"},
        {"has": "conv2d"},
        {"settings": {"optimizer": "sgd", "shift": 1}},
        {"images": 1500},
        {"augmented": True},
        {"network": "C8bn,M,F,D16"},
    ):
        found = verdict(store, kind="run", **yes)
        assert (found.passed, found.run_id) == (True, run.id)
    for no, words in (
        ({"has": "dropout"}, "it has no dropout"),
        ({"settings": {"optimizer": "sgd", "shift": 2}}, "its shift is not 2"),
        ({"images": 1499}, "1,500 training images, 1 too many"),
        ({"augmented": False}, "its images were augmented"),
        ({"network": "C8 M F D16"}, "No run of `C8 M F D16` yet"),
    ):
        found = verdict(store, kind="run", **no)
        assert not found.passed
        assert words in found.words


def test_what_is_not_a_students_own_evaluated_run_never_counts(store):
    trained(Store(EXAMPLES), 0.99)
    trained(Store("another"), 0.99)
    trained(store, None)
    trained(store, 0.99, state="running")
    trained(store, 0.99, origin="model.keras")
    trained(store, 0.99, trial=0)
    trained(store, 0.99, with_settings(schedule="range_test"))
    gone = trained(store, 0.99)
    deletion.delete(store, [gone.id])
    found = verdict(store, **TWO_EPOCHS)
    assert (found.passed, found.run_id) == (False, None)
    assert found.words.startswith("No run of")


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


# --- answers ---


def asked(store: Store, question: str, answer: str = "", start: Spec | None = None, **run):
    return verdict(store, answer, start, kind="answer", question=question, run=run)


def test_the_digit_that_is_mistaken_most(store):
    labels = mnist.load().y_test
    named = labels.copy()
    for digit, wrong in ((3, 5), (8, 7), (9, 7)):
        named[np.flatnonzero(labels == digit)[:wrong]] = 0
    run = trained(store, 0.9)
    artifacts.save_report(store, run.id, np.eye(10, dtype=np.float32)[named])
    assert asked(store, "mistaken_most", preset="note-5").words == (
        f"The question is about run {run.id}: type your answer."
    )
    for answer, right in (("8", True), ("9", True), (" 9 ", True), ("3", False), ("0", False)):
        found = asked(store, "mistaken_most", answer, preset="note-5")
        assert (found.passed, found.run_id) == (right, run.id)
    wrong = asked(store, "mistaken_most", "3", preset="note-5").words
    assert "8" not in wrong.replace(str(run.id), "")
    assert "No run of" in asked(store, "mistaken_most", "8", preset="note-1").words
    assert "whole number" in asked(store, "mistaken_most", "eight", preset="note-5").words


def test_the_best_epoch_of_the_latest_run(store):
    trained(store, 0.9, val_losses=(0.1, 0.2, 0.3))
    trained(store, 0.9, val_losses=(0.3, 0.1, 0.1))
    assert [asked(store, "best_epoch", str(n)).passed for n in (1, 2, 3)] == [False, True, True]
    trained(store, 0.9, with_settings(split="none"), val_losses=(None, None))
    assert "validation images, which are missing" in asked(store, "best_epoch", "1").words


def test_the_rotation_that_is_too_much(store):
    run = trained(store, 0.9)
    assert "open Robustness" in asked(store, "rotation_90", "20").words
    found = {name: np.ones((2, len(kind.levels)), np.float32) for name, kind in DISTORTIONS.items()}
    found["rotated"][0] = [0.99, 0.97, 0.9, 0.89, 0.8, 0.5, 0.2, 0.3, 0.4]
    jobs.enqueue(store, run.id, "robustness")
    jobs.claim(store, run.id, "robustness")
    jobs.store_result(store, run, "robustness", found)
    answers = [n for n in (-30, 0, 20, 30, 45, 180) if asked(store, "rotation_90", str(n)).passed]
    assert answers == [30]


def test_questions_about_the_prepared_network(store):
    assert asked(store, "parameters", "27562", NOTE_5).passed
    assert asked(store, "flatten", "400", NOTE_5).passed
    assert "not what the network of this lesson says" in (
        asked(store, "parameters", "27561", NOTE_5).words
    )
    assert not asked(store, "flatten", "400", NOTE_5, epochs=1).passed
    run = trained(store, 0.5)
    assert asked(store, "flatten", "400", NOTE_5, epochs=1).run_id == run.id
