"""The tabs Repeat, k-fold and Hidden layers: figures against NumPy, and one with the engine."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.evaluation.history import Epoch
from mnist_core.experiments import definitions, group_progress
from mnist_core.experiments.definitions import Depths, Experiment, Folds, Repeat
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage import groups
from mnist_core.storage.groups import Group
from mnist_core.storage.runs import Store
from tests.helpers import MAIN_SCRIPT, checked, numbers, wait_until, words

TINY = Spec(
    network=parse("F D8"),
    training=Training(epochs=1, batch_size=100),
    split=Split(kind="last", count=200, limit=1_000),
)
QUICK = {"network": "F D8", "epochs": "1", "split": "last", "count": "200", "limit": "1000"}


def open_tab(tab: str, **query: str) -> AppTest:
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=30)
    at.query_params.update(query)
    at.switch_page("../../pages/tune.py")
    at.session_state["tune_tab"] = tab
    return checked(at.run())


def figures(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value.replace("\u00a0", " ") for metric in at.metric}


def labels(at: AppTest) -> list[str]:
    return [button.label for button in at.button]


def click(at: AppTest, label: str) -> AppTest:
    next(button for button in at.button if button.label == label).click()
    return checked(at.run())


def drawn(at: AppTest, key: str) -> dict:
    """What a chart was given, its arrays as lists."""
    for chart in at.get("plotly_chart"):
        if key in chart.proto.id:
            return json.loads(chart.proto.spec)
    raise AssertionError(f"there is no chart {key}")


def made(experiment: Experiment, *accuracies: float) -> Group:
    """An experiment whose first members are through, with these accuracies."""
    store = Store()
    group = definitions.start(store, experiment)
    runs = [member.run for member in group_progress.read(store, group).members]
    for run, value in zip(runs, accuracies, strict=False):
        assert run
        for number in range(1, run.planned + 1):
            epoch = Epoch(number, 1 - value, value, 1 - value, value, 1e-3, 2.0)
            store.record_epoch(run.id, epoch, b"")
        store.update(run.id, state="finished", test_accuracy=value, test_loss=0.1, seconds=2.0)
    return group


@pytest.mark.parametrize("tab", ["Repeat", "k-fold", "Hidden layers"])
def test_before_the_first_experiment_each_tab_says_what_to_do(tab):
    at = open_tab(tab)
    assert "Start one above" in words(at)
    assert labels(at)[-1] == "Train 5 runs"


@pytest.mark.parametrize("tab", ["Repeat", "k-fold"])
def test_what_cannot_be_trained_is_not_offered(tab):
    at = open_tab(tab, network="C8 D10")
    assert "cannot be trained yet" in words(at)
    assert not [label for label in labels(at) if label.startswith("Train ")]


def test_start_queues_the_seeds_that_were_chosen():
    at = open_tab("Repeat", **QUICK)
    at.slider("tune_repeat_seeds").set_value(3)
    checked(at.number_input("tune_repeat_first").set_value(40).run())
    click(at, "Train 3 runs")
    store = Store()
    group = groups.list_groups(store, "repeat")[0]
    runs = sorted(store.runs(group.id), key=lambda run: run.id)
    assert [run.spec.training.seed for run in runs] == [40, 41, 42]
    assert {run.state for run in runs} == {"queued"}
    assert {run.spec.split.limit for run in runs} == {1_000}
    assert at.query_params["group"] == str(group.id)
    assert "Stop the remaining 3" in labels(at)
    click(at, "Stop the remaining 3")
    assert {run.state for run in store.runs(group.id)} == {"stopped"}
    assert "Seed 40 was stopped after 0 of 1 epochs" in words(at)
    click(at, "Resume 3 runs")
    assert {run.state for run in store.runs(group.id)} == {"queued"}


def test_mean_and_spread_of_seeds_are_numpys():
    values = [0.981, 0.985, 0.990, 0.982]
    made(Repeat(spec=TINY, seeds=4), *values)
    at = open_tab("Repeat")
    mean, deviation = np.mean(values), np.std(values, ddof=1)
    assert figures(at)["Mean test accuracy"] == f"{100 * mean:.2f} ± {100 * deviation:.2f} %"
    assert figures(at)["Worst to best"] == "98.10 to 99.00 %"
    reach = 3.1824463 * deviation / 2  # t of 3 degrees of freedom, from a printed table
    low, high = 100 * (mean - reach), 100 * (mean + reach)
    assert figures(at)["95 % interval of the mean"] == f"{low:.2f} to {high:.2f} %"
    assert f"about {10_000 * (1 - mean):.0f} wrong of 10,000" in words(at)
    dots = drawn(at, "tune_repeat_dots")
    assert dots["data"][0]["x"] == ["0", "1", "2", "3"]
    assert not at.get("progress")


def test_an_interval_stays_between_nothing_and_all():
    made(Repeat(spec=TINY, seeds=2), 0.5, 0.9)
    at = open_tab("Repeat")
    assert figures(at)["95 % interval of the mean"] == "0.00 to 100.00 %"
    runs = at.dataframe[0].value
    assert runs["test_accuracy"].tolist() == [50, 90]  # in percent, as the headline


def test_a_single_fold_stands_on_its_tick():
    made(Depths(depths=(0, 1), folds=1), 0.92, 0.975)
    dots = drawn(open_tab("Hidden layers"), "tune_depth_chart")["data"][0]
    np.testing.assert_array_equal(numbers(dots["x"]), [0, 1])


def test_what_is_to_come_and_what_failed_is_said():
    group = made(Repeat(spec=TINY, seeds=4), 0.98)
    store = Store()
    second = group_progress.read(store, group).members[1].run
    assert second
    store.update(second.id, state="failed", reason="the loss stopped being a number")
    at = open_tab("Repeat")
    assert "1 of 4 done" in at.get("progress")[0].proto.text
    assert "Seed 1 failed after 0 of 1 epochs: the loss stopped being a number." in words(at)
    assert figures(at)["95 % interval of the mean"] == "needs two seeds"
    assert "±" not in figures(at)["Mean test accuracy"]


def test_curves_have_a_band_for_seeds_and_a_line_a_fold():
    made(Repeat(spec=TINY, seeds=3), 0.98, 0.97, 0.96)
    made(Folds(spec=TINY, folds=3), 0.98, 0.97, 0.96)
    lines = drawn(open_tab("Repeat"), "tune_repeat_accuracy")["data"]
    assert [line.get("fill") for line in lines] == ["toself", None, "toself", None]
    lines = drawn(open_tab("k-fold"), "tune_folds_accuracy")["data"]
    assert sum("fold" in line["name"] for line in lines) == 2 * 3
    assert sum("mean" in line["name"] for line in lines) == 2


def test_folds_have_a_spread_and_no_interval():
    values = [0.95, 0.97, 0.96]
    made(Folds(spec=TINY, folds=3), *values)
    at = open_tab("k-fold")
    assert figures(at)["Mean val_accuracy"] == "96.00 ± 1.00 %"
    assert not [label for label in figures(at) if "interval" in label]
    assert "about 40 wrong of 1,000" in words(at)
    assert "**no interval**" in words(at)


def test_folds_that_are_not_all_through_are_no_result_yet():
    made(Folds(spec=TINY, folds=5), 0.95, 0.97)
    at = open_tab("k-fold")
    assert "2 of 5 folds so far" in words(at)
    assert "once all folds are done" in words(at)


def test_the_best_depth_and_what_is_seen():
    made(Depths(depths=(0, 1, 2), folds=2), *(0.92, 0.975, 0.977), *(0.924, 0.981, 0.977))
    at = open_tab("Hidden layers")
    assert figures(at)["Best mean val_accuracy"] == "97.80 %"
    assert "with 1 hidden layer, over 2 folds" in words(at)
    said = words(at).replace("\u00a0", " ")
    assert "from 92.20 % to 97.80 %, by **5.60 points**" in said
    assert "at most **0.10 points**: 1 layer beat 2 on 1 of 2 folds." in said
    chart = drawn(at, "tune_depth_chart")
    assert chart["layout"]["shapes"][0]["y0"] == 0.9806
    assert [line["name"] for line in chart["data"]] == ["fold 1", "fold 2", "mean"]
    beside = np.array([numbers(line["x"]) for line in chart["data"][:2]])
    np.testing.assert_allclose(beside.mean(axis=0), [0, 1, 2])  # about their own tick
    assert (beside[0] < beside[1]).all()
    checked(at.toggle("tune_depth_near").set_value(True).run())
    assert len(drawn(at, "tune_depth_chart")["data"][0]["customdata"]) == 2


def test_the_address_and_the_list_choose_an_experiment():
    older = made(Repeat(spec=TINY, seeds=2), 0.91, 0.91)
    newer = made(Repeat(spec=TINY, seeds=2, first=9), 0.95, 0.95)
    assert figures(open_tab("Repeat"))["Mean test accuracy"].startswith("95.00")
    at = open_tab("Repeat", group=str(older.id))
    assert figures(at)["Mean test accuracy"].startswith("91.00")
    box = next(box for box in at.selectbox if box.label == "Experiment")
    checked(box.select(newer.id).run())
    assert figures(at)["Mean test accuracy"].startswith("95.00")
    assert at.query_params["group"] == str(newer.id)


def test_an_experiment_is_deleted_after_a_question():
    group = made(Repeat(spec=TINY, seeds=2), 0.91, 0.92)
    at = open_tab("Repeat")
    assert "Delete 2 runs" not in labels(at)
    at.session_state[f"tune_repeat_delete_{group.id}"] = True
    click(checked(at.run()), "Delete 2 runs")
    assert not groups.list_groups(Store(), "repeat")
    assert not Store().runs()
    assert "Start one above" in words(at)


def test_the_way_to_the_results_of_one_run():
    group = made(Repeat(spec=TINY, seeds=2), 0.91, 0.92)
    at = open_tab("Repeat")
    box = next(box for box in at.selectbox if box.label == "Run")
    checked(box.select("seed 1").run())
    link = next(link for link in at.get("page_link") if link.proto.label == "See its results")
    newest = max(run.id for run in Store().runs(group.id))
    assert (link.proto.page, link.proto.query_string) == ("results", f"run={newest}")


@pytest.mark.slow
@pytest.mark.usefixtures("engine")
def test_two_seeds_with_the_real_engine():
    at = open_tab("Repeat", **QUICK)
    checked(at.slider("tune_repeat_seeds").set_value(2).run())
    click(at, "Train 2 runs")
    store = Store()
    group = groups.list_groups(store, "repeat")[0]
    wait_until(lambda: not group_progress.read(store, group).moves)
    checked(at.run())
    values = [run.test_accuracy or 0 for run in store.runs(group.id)]
    assert values[0] != values[1]
    assert figures(at)["Mean test accuracy"].startswith(f"{100 * np.mean(values):.2f} ±")
    assert drawn(at, "tune_repeat_loss")["data"]
