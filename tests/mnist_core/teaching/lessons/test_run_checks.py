"""Checks of single runs on real rows: what counts, and what is said of one that comes close."""

from typing import Any

from mnist_core.evaluation.history import Epoch
from mnist_core.network.notation import parse
from mnist_core.storage import handwriting
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from tests.mnist_core.digit_sets import sample
from tests.mnist_core.teaching.lessons.tasks import (
    NOTE_5,
    TWO_EPOCHS,
    trained,
    verdict,
    with_settings,
)


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
    assert (found.passed, found.run_id) == (False, None)
    assert found.words == (
        f"Run {near.id} came closest: 96.21\u00a0% test accuracy, 0.79 points short."
    )
    trained(store, 0.98, val_losses=(0.1,))
    assert "1 of 2 epochs" in verdict(store, **TWO_EPOCHS).words


def test_exactly_enough_is_enough(store):
    run = trained(store, 9_700 / 10_000)
    check: dict[str, Any]
    for check in ({"test_accuracy": 0.97}, {"parameters": run.parameters}):
        assert verdict(store, kind="run", **check).passed
    for check, words in (
        ({"test_accuracy": 0.9701}, "0.01 points short"),
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
    for yes in ({"images": 1500}, {"augmented": True}, {"network": "C8bn  M F D16"}):
        found = verdict(store, kind="run", **yes)
        assert (found.passed, found.run_id) == (True, run.id)
    for no, words in (
        ({"images": 1499}, "1,500 training images, 1 too many"),
        ({"augmented": False}, "its training images were augmented"),
        ({"transferred": True}, "it started from random weights"),
        ({"network": "C8 M F D16"}, "No run of `C8 M F D16` yet"),
    ):
        found = verdict(store, kind="run", **no)
        assert not found.passed
        assert words in found.words


def test_overfitting_is_what_the_diagnosis_calls_so(store):
    assert "No run of your own yet" in verdict(store, kind="overfits", images=2000).words
    few = with_settings(split="last", limit=2000, count=500)
    near = trained(store, 0.9, few, (0.2, 0.1, 0.1, 0.108))
    large = trained(store, 0.9, NOTE_5, (0.2, 0.1, 0.15, 0.2))
    found = verdict(store, kind="overfits", images=2000)
    assert (found.passed, found.run_id) == (False, None)
    assert found.words.startswith(f"Run {near.id} does not overfit. ")
    assert "at least 1.10 times the lowest" in found.words
    assert verdict(store, kind="overfits").run_id == large.id
    run = trained(store, 0.9, few, (0.2, 0.1, 0.15, 0.2))
    found = verdict(store, kind="overfits", images=2000)
    assert (found.passed, found.run_id) == (True, run.id)
    assert "from 0.1000 to 0.2000" in found.words


def test_a_run_that_learned_from_handwriting_does_not_count_as_overfitting(store):
    few = with_settings(split="last", limit=2000, count=500)
    handwriting.add_set(store, "ours", sample(40, 5))
    for mnist in (False, True):
        own = handwriting.choose_to_learn(store, "ours", mnist=mnist)
        split = few.split.model_copy(update={"handwriting": own})
        spec = few.model_copy(update={"split": split})
        run = trained(store, 0.9, spec, (0.2, 0.1, 0.15, 0.2))
        found = verdict(store, kind="overfits", images=2000)
        assert (found.passed, found.run_id) == (False, None)
        assert found.words == (
            f"Run {run.number} came closest: it learned from a class's handwriting."
        )
    run = trained(store, 0.9, few, (0.2, 0.1, 0.15, 0.2))
    assert verdict(store, kind="overfits", images=2000).run_id == run.id


SMALLER: dict[str, Any] = {"kind": "smaller", "than": "note-5", "parameters": 13_781}


def test_a_smaller_network_is_held_against_the_best_run_of_the_larger_one(store):
    task: dict[str, Any] = SMALLER | {"points": 0.3}
    assert "No run of your own yet" in verdict(store, **task).words
    trained(store, 0.98)
    assert "27,562 parameters, 13,781 too many" in verdict(store, **task).words
    trained(store, 0.99, with_settings("C32 M C64 M F D128"))
    small = trained(store, 0.9771, with_settings("C8 M C8 M F D32"))
    found = verdict(store, **task)
    assert (found.passed, found.run_id) == (True, small.id)
    assert "0.29 points less than" in found.words
    assert "98.00" in found.words
    trained(store, 0.9801)
    found = verdict(store, **task)
    assert not found.passed
    assert "0.30 points less than" in found.words
    assert "must lose less than 0.3 points" in found.words


def test_a_smaller_network_is_held_against_the_example_at_first(store):
    trained(store, 0.981, with_settings("C8 M C8 M F D32"))
    name = "`C8 M C16 M F D64 Drop0.2`"
    assert f"no run of {name} to compare with" in verdict(store, **SMALLER, points=0).words
    trained(Store(EXAMPLES), 0.98)
    found = verdict(store, **SMALLER, points=0)
    assert found.passed
    assert f"0.10 points more than the example of {name}" in found.words


def test_the_validation_images_choose_among_smaller_networks(store):
    trained(store, 0.98)
    lucky = trained(store, 0.99, with_settings("C8 M C8 M F D32"))
    chosen = trained(store, 0.979, with_settings("C8 M C8 M F D16"))
    for run, val_accuracy in ((lucky, 0.95), (chosen, 0.96)):
        store.record_epoch(run.id, Epoch(3, 0.1, 0.9, 0.05, val_accuracy, 1e-3, 1.0), b"")
    assert verdict(store, **SMALLER, points=0.3).run_id == chosen.id
    by_test = trained(store, 0.995, with_settings("C8 M C8 M F D8", split="test"))
    store.record_epoch(by_test.id, Epoch(3, 0.1, 0.9, 0.05, 0.995, 1e-3, 1.0), b"")
    assert verdict(store, **SMALLER, points=0.3).run_id == chosen.id


def test_a_network_is_not_smaller_than_itself(store):
    trained(store, 0.98)
    found = verdict(store, kind="smaller", than="note-5", points=1)
    assert not found.passed
    assert "Train a network other than" in found.words


def test_one_change_is_one_change_alone(store):
    task: dict[str, Any] = {"kind": "one_change", "setting": "learning_rate", "points": 1.0}
    first = trained(store, 0.95)
    trained(store, 0.99, with_settings(learning_rate=0.01, batch_size=64))
    trained(store, 0.99, with_settings(learning_rate=0.01), state="stopped")
    trained(store, 0.99, with_settings(learning_rate=0.02), planned=20)
    trained(store, 0.99)
    assert "No two finished runs differ only in" in verdict(store, **task).words
    trained(store, 0.985, with_settings(learning_rate=0.002))
    near = verdict(store, kind="one_change", setting="learning_rate", points=4)
    assert not near.passed
    assert "differ by 3.50 points, and the task asks for at least 4" in near.words
    found = verdict(store, **task)
    assert found.passed
    assert f"Runs {first.id} and" in found.words
    assert "(0.001, 0.002)" in found.words


def test_of_several_pairs_the_one_that_differs_most_counts(store):
    for rate, accuracy in ((0.001, 0.97), (0.002, 0.95), (0.003, 0.96), (0.004, 0.98)):
        trained(store, accuracy, with_settings(learning_rate=rate))
    found = verdict(store, kind="one_change", setting="learning_rate", points=3)
    assert found.passed
    assert "(0.002, 0.004); their test accuracies differ by 3.00 points" in found.words


def test_another_split_or_network_is_one_change_too(store):
    trained(store, 0.95)
    trained(store, 0.96, with_settings(split="last", count=5_000))
    assert verdict(store, kind="one_change", setting="split", points=1).passed
    assert not verdict(store, kind="one_change", setting="network", points=0).passed
    trained(store, 0.94, NOTE_5.model_copy(update={"network": parse("F D16")}))
    assert verdict(store, kind="one_change", setting="network", points=1).passed


def test_a_run_in_training_is_said_to_be_checked_later(store):
    trained(store, 0.9)
    waiting = trained(store, None, state="queued")
    words = f"Run {waiting.number} is waiting or training. The app checks it at the end."
    assert verdict(store, **TWO_EPOCHS).words == words
    store.update(waiting.id, state="running", test_accuracy=0.5)  # of its earlier weights
    assert verdict(store, **TWO_EPOCHS).words == words
    trained(store, None, with_settings("C4 M F"), state="running")
    store.update(waiting.id, state="stopped", test_accuracy=0.95)
    assert "came closest" in verdict(store, **TWO_EPOCHS).words
    trained(store, 0.98)
    assert verdict(store, **TWO_EPOCHS).passed
