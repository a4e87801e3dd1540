"""The runs of a group: what counts, and how it goes on."""

import pytest

from mnist_core.evaluation.statistics import spread
from mnist_core.execution import queue
from mnist_core.experiments import definitions, group_progress
from mnist_core.experiments.definitions import Depths, Folds, Repeat
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage.runs import Store
from tests.mnist_core.experiments.finished_runs import epoch, through

TINY = Spec(
    network=parse("F D4"),
    training=Training(epochs=2),
    split=Split(kind="last", count=200, limit=1_000),
)


def test_only_finished_members_that_are_alike_count():
    store = Store()
    group = definitions.start(store, Repeat(spec=TINY, seeds=8))
    ids = [m.run.id for m in group_progress.read(store, group).members if m.run]
    through(store, ids[0], 0.90)
    through(store, ids[1], 0.94, name="renamed by a person")
    through(store, ids[2], 0.50, epochs=1, state="failed", reason="the loss is no number")
    through(store, ids[3], 0.60, state="stopped")
    through(store, ids[4], 0.99, epochs=3, planned=3)
    through(store, ids[5], 0.99, learning_rate=0.1)
    store.delete_run(ids[6])
    found = group_progress.read(store, group)
    assert found.scores == {"seed 0": 0.90, "seed 1": 0.94}
    assert found.spread == spread([0.90, 0.94])
    aside = {member.name: member.aside for member in found.aside}
    assert list(aside) == [f"seed {seed}" for seed in (2, 3, 4, 5, 6)]
    assert aside["seed 2"] == "failed after 1 of 2 epochs: the loss is no number"
    assert "trained further" in aside["seed 4"]
    assert "learning rate" in aside["seed 5"]
    assert aside["seed 6"] == "was deleted"
    table = found.table()
    assert table["counts"].tolist() == [True, True] + 6 * [False]
    assert table["run"].isna().tolist() == [False] * 6 + [True, False]
    assert len(found.history()) == 2 + 2 + 1 + 2 + 3 + 2


def test_folds_are_judged_by_what_they_held_out():
    store = Store()
    group = definitions.start(store, Folds(spec=TINY, folds=2))
    for member, accuracy in zip(group_progress.read(store, group).members, (0.8, 0.9), strict=True):
        assert member.run
        through(store, member.run.id, accuracy, test_accuracy=0.123)
    assert list(group_progress.read(store, group).scores.values()) == [0.8, 0.9]


def test_early_stopping_is_judged_by_the_weights_that_are_kept():
    store = Store()
    training = TINY.training.model_copy(update={"early_stopping": 1, "epochs": 9})
    group = definitions.start(store, Folds(spec=TINY.model_copy(update={"training": training})))
    run = group_progress.read(store, group).members[0].run
    assert run
    for number, value in enumerate((0.7, 0.9, 0.8), 1):
        store.record_epoch(run.id, epoch(number, value, value), b"")
    store.update(run.id, state="finished", reason="early stopping")
    assert group_progress.read(store, group).scores == {"fold 1 of 5": 0.9}


def test_depths_are_sorted_by_layers_and_folds():
    store = Store()
    group = definitions.start(store, Depths(depths=(1, 0), folds=2))
    for member in group_progress.read(store, group).members:
        assert member.run
        depth, fold = len(member.spec.network.layers) - 1, member.spec.split.fold
        through(store, member.run.id, 0.9 + depth / 100 + fold / 1000, epochs=5)
    assert group_progress.read(store, group).by_depth() == {
        0: {1: pytest.approx(0.901), 2: pytest.approx(0.902)},
        1: {1: pytest.approx(0.911), 2: pytest.approx(0.912)},
    }


def test_stop_the_rest_and_go_on():
    store = Store()
    group = definitions.start(store, Repeat(spec=TINY, seeds=3))
    first, second, third = (m.run.id for m in group_progress.read(store, group).members if m.run)
    through(store, first, 0.9)
    queue.claim(store, second)
    group_progress.stop(store, group_progress.read(store, group))
    assert store.run(second).request == "stop"  # its process hears of it
    assert store.run(third).state == "stopped"
    store.update(second, state="stopped", request=None)
    found = group_progress.read(store, group)
    assert not found.moves
    group_progress.resume(store, found)
    assert [store.run(i).state for i in (first, second, third)] == ["finished", "queued", "queued"]
