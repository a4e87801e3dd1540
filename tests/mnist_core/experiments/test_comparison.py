"""Runs side by side, against SciPy, brute force and files read back."""

import json
from dataclasses import asdict
from io import StringIO

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest

from mnist_core.evaluation.history import Epoch
from mnist_core.experiments import comparison
from mnist_core.experiments.group_progress import GroupRun
from mnist_core.network import presets
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage import trials
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES

EPOCHS = [Epoch(1, 0.5, 0.8, 0.4, 0.9, 1e-3, 2.0), Epoch(2, 0.3, 0.9, 0.2, 0.95, 1e-3, 2.5)]


@pytest.fixture
def store(url) -> Store:
    return Store(url=url)


def make(store: Store, spec: Spec | None = None, **columns):
    spec = spec or presets.find("note-1")
    run = store.create_run(spec, queued=False)
    for epoch in EPOCHS:
        store.record_epoch(run.id, epoch, b"")
    store.update(run.id, **columns)
    return store.run(run.id)


def test_a_row_says_all_of_a_run(store):
    make(Store("another", store.database.url))  # so that ids and numbers differ
    run = make(store, name="one", test_accuracy=0.9923, test_loss=0.04, test_ece=0.01, seconds=9.0)
    row = comparison.table([run], comparison.validated(store, [run])).iloc[0]
    assert (row["run"], row["id"], row["example"]) == (1, run.id, False)
    assert (row["name"], row["notation"]) == ("one", "C32 M C64 M F D128")
    assert row["parameters"] == 225_034  # note 1's own number
    # 26*26 places of 3*3*1*32, 11*11 places of 3*3*32*64, then 1600 x 128 and 128 x 10
    assert row["multiply_adds"] == 26**2 * 288 + 11**2 * 18_432 + 204_800 + 1_280
    assert (row["epochs"], row["seconds"], row["seed"]) == (2, 9.0, 0)
    assert (row["test_loss"], row["test_ece"], row["val_accuracy"]) == (0.04, 0.01, 0.95)
    assert (row["state"], row["note"], row["pinned"]) == ("stopped", "", False)
    assert pd.isna(row["group"])


def test_the_table_has_the_interval_of_its_accuracy(store):
    row = comparison.table([make(store, test_accuracy=0.987)]).iloc[0]
    exact = binomtest(9870, 10_000).proportion_ci(method="wilson")
    assert (row["low"], row["high"]) == pytest.approx((exact.low, exact.high))


def test_a_run_that_trains_again_has_no_result_meanwhile(store):
    run = make(store, test_accuracy=0.98, test_loss=0.1, test_ece=0.01, state="finished")
    assert comparison.settled(run) == run
    store.update(run.id, state="running")
    row = comparison.table([comparison.settled(store.run(run.id))]).iloc[0]
    assert row[["test_accuracy", "low", "high", "test_loss", "test_ece"]].isna().all()
    assert row["run"] == run.id


def test_what_is_not_known_is_missing(store):
    waiting, foreign = make(store), make(store, origin="mine.keras", test_accuracy=0.9)
    table = comparison.table([waiting, foreign]).set_index("run")
    empty = ["test_accuracy", "low", "high", "test_loss", "test_ece", "val_accuracy", "trial"]
    assert all(pd.isna(table[column][waiting.id]) for column in empty)
    assert all(pd.isna(table[column][foreign.id]) for column in ("epochs", "seconds", "seed"))
    assert table.loc[foreign.id, "origin"] == "mine.keras"


def test_no_runs_make_an_empty_table_with_its_columns():
    assert list(comparison.table([])) == list(comparison.table([]).columns)
    assert "test_accuracy" in comparison.table([])
    assert comparison.table([]).empty


LATER_WORSE = [
    Epoch(1, 0.5, 0.8, 0.4, 0.9, 1e-3, 2.0),
    Epoch(2, 0.3, 0.9, 0.2, 0.95, 1e-3, 2.5),
    Epoch(3, 0.2, 0.9, 0.3, 0.99, 1e-3, 2.5),
]


@pytest.mark.parametrize(("patience", "kept"), [(None, 0.99), (1, 0.95)])
def test_what_is_validated_are_the_weights_that_are_kept(store, patience, kept):
    first = presets.find("note-1")
    training = first.training.model_copy(update={"early_stopping": patience})
    run = store.create_run(first.model_copy(update={"training": training}))
    for epoch in LATER_WORSE:
        store.record_epoch(run.id, epoch, b"")
    assert comparison.validated(store, store.runs()) == {run.id: kept}
    assert trials.objective_value(LATER_WORSE, run.spec) == kept
    assert GroupRun("one", run.spec, run, LATER_WORSE).kept.val_accuracy == kept  # type: ignore
    (told,) = json.loads(comparison.to_json([run], {run.id: LATER_WORSE}))
    assert told["val_accuracy"] == kept


def test_validated_finds_the_last_epoch_where_there_is_one(store, url):
    mine, example = make(store), make(Store(EXAMPLES, url))
    bare = store.create_run(presets.find("note-1"))
    assert comparison.validated(store, [mine, example, bare]) == {mine.id: 0.95, example.id: 0.95}


def test_differences_are_only_what_differs(store):
    first = presets.find("note-1")
    slower = Training(**first.training.model_dump() | {"learning_rate": 0.0001, "seed": 3})
    other = first.model_copy(update={"training": slower})
    found = comparison.differences([make(store, first), make(store, other)])
    assert list(found.index) == ["learning rate", "seed"]
    assert found.iloc[0].tolist() == ["0.001", "0.0001"]
    assert comparison.differences([make(store, first), make(store, first)]).empty


def test_a_learning_rate_that_was_set_while_training_is_a_difference(store):
    first = presets.find("note-1")
    one, two = make(store, first), make(store, first)
    store.update(two.id, learning_rate=0.01)
    found = comparison.differences([store.run(one.id), store.run(two.id)])
    assert list(found.index) == ["learning rate, changed during training"]
    assert found.iloc[0].tolist() == ["–", "0.01"]


def test_differences_of_splits_and_of_foreign_runs(store):
    first = presets.find("note-1")
    folded = first.model_copy(update={"split": Split(kind="fold", fold=2)})
    one, two, foreign = make(store, first), make(store, folded), make(store, first, origin="a.h5")
    found = comparison.differences([one, two, foreign])
    assert list(found.loc["fold"]) == ["–", "2", "unknown"]
    assert list(found.loc["optimizer"]) == ["adam", "adam", "unknown"]
    assert "network" not in found.index


costs = st.lists(st.tuples(st.integers(1, 6), st.integers(0, 6)), min_size=1, max_size=25)


@given(costs)
def test_the_front_is_what_brute_force_finds(points):
    def beats(one, other):
        as_good = one[0] <= other[0] and one[1] >= other[1]
        return as_good and (one[0] < other[0] or one[1] > other[1])

    expected = [not any(beats(other, point) for other in points) for point in points]
    cost, accuracy = np.array(points, float).T
    found = comparison.front(cost, accuracy)
    assert found.tolist() == expected
    assert found.any()


def test_equals_are_on_the_front_together():
    cost, accuracy = np.array([2.0, 2.0, 3.0, 2.0]), np.array([0.9, 0.9, 0.9, 0.8])
    assert comparison.front(cost, accuracy).tolist() == [True, True, False, False]


def test_the_csv_comes_back_with_all_settings(store):
    runs = [make(store, name="a,b", test_accuracy=0.98), make(store)]
    table = pd.read_csv(StringIO(comparison.to_csv(runs, comparison.validated(store, runs))))
    assert table["run"].tolist() == [run.id for run in runs]
    assert table["name"][0] == "a,b"
    assert table["test_accuracy"][0] == 0.98
    assert pd.isna(table["test_accuracy"][1])
    assert table["val_accuracy"].tolist() == [0.95, 0.95]
    assert table["optimizer"].tolist() == ["adam", "adam"]
    header = comparison.to_csv(runs).split("\n")[0].split(",")
    assert len(set(header)) == len(header)
    assert table["epochs"].tolist() == [2, 2]
    assert table["epochs_planned"].tolist() == [run.planned for run in runs]
    assert comparison.to_csv([]).startswith("run,id,example,name,notation")


def test_curves_come_back(store):
    run = make(store)
    table = pd.read_csv(StringIO(comparison.curves_csv([run], {run.id: store.epochs(run.id)})))
    assert table["run"].tolist() == [run.number] * 2
    assert table["id"].tolist() == [run.id] * 2
    assert table["val_loss"].tolist() == [0.4, 0.2]
    assert comparison.curves_csv([], {}).count("\n") == 1


def test_the_json_has_everything_of_a_run(store):
    run, bare = make(store, test_accuracy=0.98, note="ä"), make(store, origin="x.h5")
    bad = Epoch(1, float("inf"), 0.1, None, None, 1e-3, 2.0)
    first, second = json.loads(
        comparison.to_json([run, bare], {run.id: store.epochs(run.id), bare.id: [bad]})
    )
    assert Spec.model_validate(first["spec"]) == run.spec
    assert first["curves"] == [asdict(epoch) for epoch in EPOCHS]
    assert (first["test_accuracy"], first["note"]) == (0.98, "ä")
    assert (first["val_accuracy"], second["val_accuracy"]) == (0.95, None)
    assert second["test_accuracy"] is None
    assert second["epochs"] is None
    assert second["curves"][0]["loss"] is None  # JSON has no infinity
