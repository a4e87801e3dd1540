"""Seeds, folds and depths: what is queued."""

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.execution import queue
from mnist_core.experiments import definitions, group_progress
from mnist_core.experiments.definitions import Depths, Folds, Repeat
from mnist_core.network.notation import parse
from mnist_core.network.presets import NOTE_4, find
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.network.value import SpecError
from mnist_core.storage import groups
from mnist_core.storage.database import StoreError
from mnist_core.storage.runs import Store

TINY = Spec(
    network=parse("F D4"),
    training=Training(epochs=2),
    split=Split(kind="last", count=200, limit=1_000),
)


def test_seeds_differ_in_nothing_else():
    specs = list(Repeat(spec=TINY, seeds=3, first=7).specs().values())
    assert [spec.training.seed for spec in specs] == [7, 8, 9]
    for spec in specs:
        assert spec.model_copy(update={"training": TINY.training}) == TINY


def test_folds_hold_out_each_training_image_once():
    specs = Folds(spec=TINY, folds=3, seed=4).specs().values()
    parts = [mnist.partition(spec.split) for spec in specs]
    held_out = np.concatenate([part.validation for part in parts])
    assert sorted(held_out) == list(range(1_000))
    for part in parts:
        assert not part.leaks
        assert not set(part.train) & set(part.validation)
        assert len(part.train) + len(part.validation) == 1_000
    digits = [mnist.class_counts(mnist.load().y_train[part.validation]) for part in parts]
    assert np.ptp(digits, axis=0).max() <= 1  # stratified


def test_one_fold_of_each_depth_is_what_the_presets_do():
    assert list(Depths(folds=1).specs().values()) == [p.spec for p in NOTE_4.presets]
    assert len(Depths(folds=5).specs()) == 25


@pytest.mark.parametrize(
    "make",
    [
        lambda: Repeat(spec=TINY, seeds=1),
        lambda: Repeat(spec=TINY, seeds=21),
        lambda: Repeat(spec=TINY, seeds=5, first=2**31 - 3).specs(),
        lambda: Folds(spec=TINY, folds=1),
        lambda: Depths(depths=()),
        lambda: Depths(depths=(7,)),
        lambda: Depths(folds=6),
    ],
)
def test_what_cannot_work_is_refused_with_the_value(make):
    with pytest.raises(SpecError, match="received"):
        make()


def test_nothing_is_queued_of_a_network_over_the_limits():
    store = Store()
    large = Spec(network=parse("F D4096"))
    with pytest.raises(SpecError, match="at most"):
        definitions.start(store, Repeat(spec=large))
    assert not store.runs()
    assert not groups.list_groups(store, "repeat")


def test_members_wait_in_their_order_and_read_back():
    store = Store()
    group = definitions.start(store, Folds(spec=TINY, folds=3))
    assert definitions.experiment_of(group) == Folds(spec=TINY, folds=3)
    order = [store.run(run_id).name for _, run_id in queue.waiting()]
    assert order == ["fold 1 of 3", "fold 2 of 3", "fold 3 of 3"]
    assert group_progress.read(store, group).moves


def test_a_group_goes_with_its_runs_and_no_others():
    store = Store()
    group = definitions.start(store, Repeat(spec=TINY, seeds=2))
    other = store.create_run(find("note-5"))
    groups.delete(store, group.id)
    assert [run.id for run in store.runs()] == [other.id]


def test_an_experiment_that_breaks_off_leaves_nothing_behind(monkeypatch):
    store, made = Store(), []
    create = Store.create_run

    def away_at_the_third(*args, **columns):
        made.append(args)
        if len(made) == 3:
            raise StoreError("the database is away")
        return create(*args, **columns)

    monkeypatch.setattr(Store, "create_run", away_at_the_third)
    with pytest.raises(StoreError, match="is away"):
        definitions.start(store, Repeat(spec=Spec(network=parse("F")), seeds=3))
    assert store.runs() == groups.list_groups(store, "repeat") == []
