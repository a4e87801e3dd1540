"""What a run must have to count, and what is said of one that comes near."""

from typing import Any

from mnist_core.storage import deletion
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from tests.mnist_core.teaching.lessons.tasks import TWO_EPOCHS, trained, verdict, with_settings


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
