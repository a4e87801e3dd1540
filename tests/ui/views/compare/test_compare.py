"""The Compare page: its table, choices, deletion and tests against NumPy and SciPy; no training."""

import json
from io import StringIO

import numpy as np
import pandas as pd
import pytest
import streamlit as st
from scipy.stats import binomtest
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.evaluation.history import Epoch
from mnist_core.evaluation.report import Report
from mnist_core.evaluation.run import Run
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Training
from mnist_core.storage import deletion, groups
from mnist_core.storage.runs import Store
from mnist_core.storage.workspaces import EXAMPLES
from mnist_core.utils.npz import pack
from tests.helpers import MAIN_SCRIPT, checked, figure, linked_images, words
from ui.charts import style

NETWORKS = ("F D32", "C8 M F D32", "C16 M C32 M F D64")
WRONG = (500, 200, 120)


def open_page(tab: str = "Runs", **query: str) -> AppTest:
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=30)
    at.query_params.update({"compare_tab": tab} | query)
    at.switch_page("../../pages/compare.py")
    return checked(at.run())


def table(at: AppTest) -> pd.DataFrame:
    return at.dataframe[0].value


def picked(at: AppTest) -> list[int]:
    return at.multiselect[0].value


def make(number: int, store: Store | None = None, **columns) -> Run:
    """A made-up run; where `number` is below three it was evaluated."""
    store = store or Store()
    network = parse(NETWORKS[number % 3])
    spec = Spec(network=network, training=Training(seed=number))
    run = store.create_run(spec, f"net {number}", queued=False)
    for epoch in range(1, 4):
        made = Epoch(epoch, 0.5 / epoch, 0.8, 0.4 / epoch, 0.9, 1e-3, 2.0)
        store.record_epoch(run.id, made, b"")
    if number < 3:
        probabilities = answers(number)
        report = Report(probabilities, mnist.load().y_test)
        figures = {"test_accuracy": report.accuracy, "test_loss": report.loss}
        figures |= {"state": "finished", "seconds": 10.0 * (number + 1), "test_ece": 0.01}
        store.put(run.id, "predictions", pack({"probabilities": probabilities}), **figures)
    store.update(run.id, **columns)
    return store.run(run.id)


def answers(number: int) -> np.ndarray:
    """Ten probabilities a test image, wrong for WRONG[number] of them."""
    labels, rng = mnist.load().y_test.astype(int), np.random.default_rng(number)
    said = labels.copy()
    wrong = rng.choice(3000, WRONG[number], replace=False)  # so that some are the same
    said[wrong] = (said[wrong] + 1) % 10
    probabilities = rng.random((10_000, 10)).astype(np.float32)
    probabilities[np.arange(10_000), said] += 3
    return probabilities / probabilities.sum(axis=1, keepdims=True)


@pytest.fixture
def runs() -> list[Run]:
    st.cache_resource.clear()  # the ids are those of the last test's runs
    make(9, Store("somebody else"))  # so that ids and numbers differ
    return [make(number) for number in range(3)]


def test_without_runs_it_says_where_to_begin():
    at = open_page()
    assert "No runs yet" in words(at)
    assert {link.proto.page for link in at.get("page_link")} == {"build", "train"}


@pytest.mark.parametrize("tab", ["Runs", "Curves", "Settings", "Trade-off", "Two runs", "Ensemble"])
def test_one_run_that_waits_breaks_no_tab(tab):
    run = make(5)
    at = open_page(tab, runs=str(run.id))
    if tab != "Curves":
        assert at.info or tab == "Runs"


@pytest.mark.parametrize("tab", ["Curves", "Settings", "Ensemble"])
def test_nothing_chosen_says_what_to_choose(runs, tab):
    at = open_page(tab, runs="")
    assert "the box above" in at.info[0].value


def test_the_table_says_what_the_store_says(runs):
    shown = table(open_page()).set_index("run")
    assert list(shown["sign"]) == [style.sign(run) for run in reversed(runs)]
    for run, wrong in zip(runs, WRONG, strict=True):
        row = shown.loc[run.number]
        assert row["accuracy"] == pytest.approx(100 - wrong / 100)
        exact = binomtest(10_000 - wrong, 10_000).proportion_ci(method="wilson")
        assert row["interval"] == f"{100 * exact.low:.2f} to {100 * exact.high:.2f}"
        assert row["parameters"] == run.parameters
        assert row["validation"] == pytest.approx(90)
    assert list(shown.index) == [run.number for run in reversed(runs)]


def test_filters(runs):
    Store().update(runs[0].id, note="For the TALK")
    waiting = make(4)
    at = open_page()
    checked(at.text_input("compare_find").set_value("talk f").run())
    assert list(table(at)["id"]) == [runs[0].id]
    checked(at.text_input("compare_find").set_value("(").run())
    assert "No run matches all filters" in words(at)
    at.text_input("compare_find").set_value("")
    checked(at.number_input("compare_least").set_value(98.0).run())
    assert list(table(at)["id"]) == [runs[2].id, runs[1].id]
    at.number_input("compare_least").set_value(0.0)
    checked(at.multiselect("compare_states").set_value(["stopped"]).run())
    assert list(table(at)["id"]) == [waiting.id]


def test_groups_are_named_and_found(runs):
    group = groups.create(Store(), "repeat", "three seeds")
    Store().update(runs[1].id, group_id=group.id)
    at = open_page()
    checked(at.text_input("compare_find").set_value("three seeds").run())
    assert list(table(at)["id"]) == [runs[1].id]


def test_the_address_holds_the_choice(runs):
    first, second, third = (run.id for run in runs)
    at = open_page(runs=f"{third},{first}")
    assert picked(at) == [third, first]
    checked(at.multiselect[0].set_value([second]).run())
    assert at.query_params["runs"] == str(second)
    checked(at.run())
    assert picked(at) == [second]


def test_a_link_with_runs_that_are_not_here(runs):
    at = open_page(runs=f"{runs[0].id},999,{'9' * 5000},../x")
    assert "not here (runs=999" in words(at)
    assert picked(at) == [runs[0].id]
    assert "not here" not in words(checked(at.run()))


def test_examples_and_a_name_in_the_box(runs):
    example = make(1, Store(EXAMPLES))
    at = open_page(runs=str(example.id))
    assert at.multiselect[0].value == [example.id]
    assert "cannot" not in words(at)
    assert "not changed" in words(at)
    assert at.button("compare_delete").disabled
    assert at.button("compare_edit").disabled


def test_trials_are_shown_when_asked_for(runs):
    trial = make(7, trial=0, state="finished")
    at = open_page()
    assert trial.id not in set(table(at)["id"])
    checked(at.toggle("compare_trials").set_value(True).run())
    assert trial.id in set(table(at)["id"])


def test_name_and_note(runs):
    at = open_page(runs=str(runs[1].id))
    checked(at.button("compare_edit").click().run())
    at.text_input(f"compare_name_{runs[1].id}").set_value(" wider ")
    at.text_area(f"compare_note_{runs[1].id}").set_value("two layers more")
    checked(at.button("compare_save").click().run())
    run = Store().run(runs[1].id)
    assert (run.name, run.note) == ("wider", "two layers more")


def test_pin_then_it_stays(runs):
    at = open_page(runs=",".join(str(run.id) for run in runs[:2]))
    Store().update(runs[0].id, pinned=True)
    checked(at.run())
    checked(at.button("compare_delete").click().run())
    assert f"Pinned, so kept: Run {runs[0].number}." in words(at)
    checked(at.button("compare_delete_yes").click().run())
    assert {run.id for run in Store().runs()} == {runs[0].id, runs[2].id}
    assert picked(at) == [runs[0].id]
    assert at.button("compare_pin").label == "Unpin"
    checked(at.button("compare_pin").click().run())
    assert not Store().run(runs[0].id).pinned


def test_deleted_after_one_question(runs):
    at = open_page(runs=f"{runs[0].id},{runs[1].id}")
    checked(at.button("compare_delete").click().run())
    assert "deleted permanently" in words(at)
    checked(at.button("compare_delete_no").click().run())
    assert len(Store().runs()) == 3
    checked(at.button("compare_delete").click().run())
    checked(at.button("compare_delete_yes").click().run())
    assert [run.id for run in Store().runs()] == [runs[2].id]
    assert list(table(at)["id"]) == [runs[2].id]
    assert picked(at) == []


def test_a_run_that_trains_again_shows_no_old_result(runs):
    Store().update(runs[0].id, state="running")
    at = open_page()
    assert pd.isna(table(at).set_index("id")["accuracy"][runs[0].id])
    label = f"● Run {runs[0].number} · running · net 0"
    assert label in at.multiselect[0].options
    assert len(open_page("Two runs").selectbox[0].options) == 2


@pytest.mark.parametrize("tab", ["Curves", "Trade-off", "Two runs"])
def test_a_name_is_no_markdown(runs, tab):
    for run in runs:
        Store().update(run.id, name="**x** :smile: `y`")
    at = open_page(tab, runs=f"{runs[0].id},{runs[2].id}")
    assert r"\*\*x\*\*" in words(at)
    assert "**x**" not in words(at)
    assert ":smile:" not in words(at)
    if tab == "Two runs":
        assert "**x**" not in "".join(at.segmented_control[0].options)


def test_a_run_that_another_tab_deleted_is_left_out(runs):
    at = open_page(runs=f"{runs[0].id},{runs[1].id}")
    deletion.delete(Store(), [runs[0].id])
    checked(at.run())
    assert picked(at) == [runs[1].id]


def test_files(runs, monkeypatch):
    made = {}

    def keep(label: str, make, name: str, **more) -> None:
        made[name] = make

    monkeypatch.setattr(st, "download_button", keep)
    open_page(runs=f"{runs[2].id},{runs[0].id}")
    table = pd.read_csv(StringIO(made["runs.csv"]()))
    assert table["run"].tolist() == [runs[2].number, runs[0].number]
    assert table["id"].tolist() == [runs[2].id, runs[0].id]
    assert table["seed"].tolist() == [2, 0]
    assert len(pd.read_csv(StringIO(made["curves.csv"]()))) == 6
    everything = json.loads(made["runs.json"]())
    assert [run["test_accuracy"] for run in everything] == [0.988, 0.95]
    at = open_page(runs="")
    checked(at.number_input("compare_least").set_value(97.0).run())
    assert len(pd.read_csv(StringIO(made["runs.csv"]()))) == 2  # what the filters leave
    assert Spec.model_validate(everything[0]["spec"]) == runs[2].spec


def test_curves_are_those_of_the_store(runs):
    at = open_page("Curves", runs=f"{runs[0].id},{runs[2].id}")
    loss = figure(at, 0)
    assert loss["layout"]["showlegend"]
    for trace, run in zip(loss["data"], (runs[0], runs[2]), strict=True):
        assert trace["name"] == f"Run {run.number}"
        look = trace["line"]["color"], trace["line"]["dash"], trace["marker"]["symbol"]
        assert look == style.look(run)
    checked(at.segmented_control("compare_set").set_value("Both").run())
    named = [trace["name"] for trace in figure(at, 0)["data"] if trace.get("showlegend", True)]
    assert len(figure(at, 0)["data"]) == 4
    assert named == [f"Run {runs[0].number}", f"Run {runs[2].number}"]
    checked(at.segmented_control("compare_over").set_value("Seconds").run())
    assert "seconds" in figure(at, 0)["layout"]["xaxis"]["title"]["text"]


def test_no_point_leaves_the_axes_even_where_a_run_diverged(runs):
    diverged, store = make(7), Store()
    for number, loss in ((4, 3.0e6), (5, 0.0), (6, float("inf"))):
        store.record_epoch(diverged.id, Epoch(number, loss, 0.1, loss, 0.1, 1e-3, 2.0), b"")
    at = open_page("Curves", runs=f"{runs[0].id},{diverged.id}")
    axis = figure(at, 0)["layout"]["yaxis"]
    low, high = axis["range"]
    assert axis["type"] == "log"
    assert low < np.log10(0.4 / 3)
    assert high > np.log10(3.0e6)
    assert "range" not in figure(at, 1)["layout"]["yaxis"]  # Plotly fits accuracies itself


def test_more_than_eight_curves_say_so(runs):
    more = [make(number) for number in range(3, 9)]
    at = open_page("Curves", runs=",".join(str(run.id) for run in runs + more))
    assert "the first 8 of the 9 runs" in words(at)
    assert len(figure(at, 0)["data"]) == 8


def test_a_run_without_epochs_has_a_word_and_no_line(runs):
    bare = Store().create_run(runs[0].spec)
    at = open_page("Curves", runs=str(bare.id))
    assert "no epoch finished yet" in words(at)
    assert figure(at, 0)["data"] == []


def test_settings_that_differ(runs):
    at = open_page("Settings", runs=f"{runs[0].id},{runs[1].id}")
    assert list(table(at).index) == ["network", "seed", "test accuracy"]
    assert table(at).iloc[0].tolist() == list(NETWORKS[:2])


def test_same_settings_say_so(runs):
    twin = make(0)
    at = open_page("Settings", runs=f"{runs[0].id},{twin.id}")
    assert "have the same settings, even the same seed" in at.success[0].value


def test_trade_off_names_its_front(runs):
    worse = make(1, seconds=99.0, test_accuracy=0.94)
    at = open_page("Trade-off", runs=str(runs[0].id))
    text = words(at)
    # each of the three is larger, slower and better than the one before
    costs = sorted(runs, key=lambda run: run.parameters)
    accuracies = [run.test_accuracy or 0 for run in costs]
    best = [run for at, run in enumerate(costs) if accuracies[at] == max(accuracies[: at + 1])]
    for run in best:
        assert f"- {style.sign(run)} Run {run.number} (net" in text
    assert f"Run {worse.number} (" not in text
    lines = [trace for trace in figure(at, 0)["data"] if trace["name"] == "Pareto front"]
    assert lines[0]["line"]["shape"] == "hv"


def test_two_runs_are_tested_as_scipy_does(runs):
    a, b = runs[1], runs[2]
    at = open_page("Two runs", runs=f"{a.id},{b.id}")
    labels = mnist.load().y_test
    right = [answers(number).argmax(axis=1) == labels for number in (1, 2)]
    only_a, only_b = int((right[0] & ~right[1]).sum()), int((right[1] & ~right[0]).sum())
    counts = at.table[0].value.to_numpy()
    assert counts[0, 1] == f"{only_a:,}"
    assert counts[1, 0] == f"{only_b:,}"
    assert counts[0, 0] == f"{int((right[0] & right[1]).sum()):,}"
    p = binomtest(only_a, only_a + only_b).pvalue
    assert (f"p = {p:.2g}" if p >= 0.0001 else "p < 0.0001") in words(at)
    shown = {int(image["caption"].split("#")[1]) for image in linked_images(at)}
    assert shown <= set(np.flatnonzero(right[0] & ~right[1]))
    assert len(shown) == min(40, only_a)


def test_a_run_against_itself(runs):
    at = open_page("Two runs", runs=f"{runs[0].id},{runs[1].id}")
    checked(at.selectbox[1].set_value(runs[0].id).run())
    assert "agrees with itself" in words(at)


def test_the_vote_is_numpys_and_shows_what_it_fixes(runs):
    at = open_page("Ensemble", runs=",".join(str(run.id) for run in runs))
    labels = mnist.load().y_test
    voted = np.mean([answers(number) for number in range(3)], axis=0).argmax(axis=1)
    best = answers(2).argmax(axis=1)
    wrong = int((voted != labels).sum())
    assert at.metric[0].value == f"{100 - wrong / 100:.2f}\u00a0%"
    assert f"{wrong:,} wrong of 10,000" in words(at)
    fixed = np.flatnonzero((voted == labels) & (best != labels))
    broken = np.flatnonzero((voted != labels) & (best == labels))
    assert f"fixes **{len(fixed):,}**, and it breaks **{len(broken):,}**" in words(at)
    assert table(at)["Wrong"].tolist() == [wrong, *WRONG]
    shown = {int(image["caption"].split("#")[1]) for image in linked_images(at)}
    assert len(shown) == min(40, len(fixed))
    assert shown <= set(fixed)
