"""The tab Search of the page Tune: made, watched, used; one study with the real engine."""

import json

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core.engine.status import READY
from mnist_core.evaluation.history import Epoch
from mnist_core.experiments import studies
from mnist_core.experiments.search_space import Range, Space, Study, full_spec
from mnist_core.network.notation import parse
from mnist_core.network.presets import find
from mnist_core.network.spec import Spec, Split, Training
from mnist_core.storage import groups
from mnist_core.storage.groups import Group
from mnist_core.storage.runs import Store
from tests.helpers import MAIN_SCRIPT, running, wait_until, words
from ui.session import cache
from ui.views.tune import search_space, search_study
from ui.widgets import touch

BASE = Spec(
    network=parse("C4 M F"), training=Training(epochs=4), split=Split(count=200, limit=1000)
)
SPACE = Space(learning_rate=Range(low=1e-4, high=1e-1), batch_size=(32, 64))


class Ready:
    """An engine that is there, and waits."""

    def status(self):
        return READY

    def speed(self):
        return None

    def wake(self):
        pass


@pytest.fixture(autouse=True)
def _fresh(monkeypatch):
    st.cache_data.clear()
    monkeypatch.setattr(cache, "engine", Ready)


def open_tab(network: str = "", **chosen) -> AppTest:
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=30)
    at.switch_page("../../pages/tune.py")
    for key, value in {"tune_tab": "Search", **chosen}.items():
        at.session_state[key] = value
    if network:
        at.query_params["network"] = network
    return running(at.run())


def progress(at: AppTest) -> list[str]:
    return [element.proto.text for element in at.get("progress")]


def button(at: AppTest, label: str):
    return next(element for element in at.button if element.label == label)


def studied(trials: int = 6, **settings) -> Group:
    """A study whose trials all ran, as the engine would have them, with made-up figures."""
    study = Study(base=BASE, space=SPACE, trials=trials, trial_epochs=2, **settings)
    store = Store()
    group = studies.start(store, study, "made up")
    for _ in range(4 * trials):
        studies.advance(store.database.url, 2)
        for run in store.runs(group.id):
            if run.state == "queued":
                value = 0.9 - run.spec.training.learning_rate + 0.001 * (run.trial or 0)
                for number in (1, 2):
                    epoch = Epoch(number, 0.5, 0.8, 0.4, value - 0.1 / number, 1e-3, 1.0)
                    store.record_epoch(run.id, epoch, b"")
                store.update(run.id, state="finished", seconds=2.0)
        if groups.find(store, group.id).state == "finished":
            return group
    raise AssertionError("the study did not end")


def test_without_a_study_the_form_is_open_and_nothing_else():
    at = open_tab()
    assert "No study yet" in words(at)
    assert button(at, "Start the study")
    # note 5 holds out a fifth
    assert "**20 trials** of 2 epochs: each learns from 8,000 images" in words(at)
    assert "is validated on **2,000** others" in words(at)


def test_start_makes_the_study_that_was_chosen():
    at = open_tab("C4 M F D16")
    at.toggle("tune_search_dropout").set_value(True)
    at.toggle("tune_search_batch_size").set_value(False)
    at.toggle("tune_search_pruning").set_value(False)
    at.number_input("tune_search_trials").set_value(7)
    at.text_input("tune_search_name").set_value("mine")
    running(at.run())
    running(button(at, "Start the study").click().run())
    (group,) = groups.list_groups(Store(), "study")
    study = Study.from_json(group.settings)
    assert (group.name, group.state) == ("mine", "running")
    assert set(study.dimensions) == {"learning_rate", "dropout"}
    assert study.space.dropout == Range(low=0, high=0.5)
    assert (study.trials, study.pruning, study.sampler) == (7, False, "tpe")
    assert at.selectbox[0].value == group.id
    assert progress(at)[-1].startswith("0 of 7 trials done")


def test_each_study_draws_its_own_seed():
    for name in ("one", "two"):
        at = open_tab("F D16", tune_search_new=True)
        running(at.text_input("tune_search_name").set_value(name).run())
        running(button(at, "Start the study").click().run())
    found = [Study.from_json(group.settings) for group in groups.list_groups(Store(), "study")]
    assert found[0].space == found[1].space
    assert found[0].seed != found[1].seed
    assert f"Seed {found[0].seed}" in words(at)


def test_pruning_is_promised_only_where_it_can_happen(monkeypatch):
    from mnist_core.training.estimate import Speed, cost_per_image

    speed = Speed(1000 * cost_per_image(BASE.network), "a made-up trial")
    monkeypatch.setattr(Ready, "speed", lambda self: speed)
    at = open_tab()
    assert "pruning makes it shorter" in words(at)
    running(at.number_input("tune_search_trials").set_value(5).run())
    assert "pruning makes it shorter" not in words(at)
    at.number_input("tune_search_trials").set_value(20)
    running(at.number_input("tune_search_epochs").set_value(1).run())
    assert "pruning makes it shorter" not in words(at)
    assert "Pruning needs at least 2 epochs per trial." in words(at)


def test_a_grid_tells_its_size():
    at = open_tab()
    at.segmented_control("tune_search_sampler").set_value("grid").run()
    assert "The grid has **12 points**: all are tried" in words(running(at))
    at.number_input("tune_search_steps").set_value(10).run()
    assert "The grid has **30 points**, of which 20 are tried" in words(running(at))


def test_nothing_to_vary_is_a_sentence():
    at = open_tab(tune_search_learning_rate=False, tune_search_batch_size=False)
    assert "needs something to change" in words(at)
    assert "Start the study" not in [element.label for element in at.button]


def test_filters_without_a_convolution_are_a_sentence():
    at = open_tab("F D16", tune_search_filters=True)
    assert "the network has none" in words(at)


def test_the_test_set_never_judges_and_one_click_mends_it():
    at = open_tab()
    at.session_state["draft"].take(find("note-2"))
    running(at.run())
    assert "The network on Build validates on the **test set**" in words(at)
    running(button(at, "Validate on the last 10,000 training images").click().run())
    assert at.session_state["draft"].split == Split(kind="last", count=10_000)
    assert button(at, "Start the study")


def test_the_estimate_is_that_of_the_plan(monkeypatch):
    from mnist_core.training.estimate import Speed, cost_per_image

    speed = Speed(1000 * cost_per_image(BASE.network), "a made-up trial")
    monkeypatch.setattr(Ready, "speed", lambda self: speed)
    at = open_tab()
    at.session_state["draft"].take(BASE)
    at.number_input("tune_search_trials").set_value(10)
    running(at.run())
    # 10 trials of 2 epochs over 800 images, 1,000 a second
    assert "About **16 s** with one worker" in words(at)


def test_a_finished_study_shows_its_best_trial():
    group = studied()
    view = studies.read(Store(), group.id)
    assert view.best
    best = max(view.trials, key=lambda trial: trial.value or 0)
    at = open_tab()
    assert progress(at)[-1] == "6 of 6 trials done: 6 complete."
    wrong = round((1 - (best.value or 0)) * 200)
    assert f"Best of all: trial {best.number}" in words(at)
    assert f"{wrong} wrong of 200" in words(at)
    assert "picking the best of 6 complete trials" in words(at)
    changes, trials = (frame.value for frame in at.dataframe)
    assert f"{best.params['learning_rate']:.4g}" in changes["best"].to_list()
    assert len(trials) == 6
    links = [f"train?run={trial.run_id}#{trial.run_number}" for trial in view.trials]
    assert trials["run"].to_list() == links
    assert "Stop" not in [element.label for element in at.button]


def test_csv_has_every_trial():
    view = studies.read(Store(), studied().id)
    table = search_study.table(view)
    assert table["val_accuracy"].to_list() == [trial.value for trial in view.trials]
    assert set(table["of"]) == {200}
    assert {"learning_rate", "batch_size", "seconds", "run"} <= set(table)


def test_the_best_trial_is_trained_in_full_and_opened_in_build():
    group = studied()
    view = studies.read(Store(), group.id)
    assert view.best
    winner = full_spec(view.study, view.best.params)
    running(button(open_tab(), "Train it in full").click().run())
    run = Store().runs()[0]
    assert (run.spec, run.trial, run.sees_test, run.group_id) == (winner, None, True, None)
    at = open_tab()
    running(button(at, "Open in Build").click().run())
    assert at.session_state["draft"].spec() == winner


def figure(at: AppTest, plot: str) -> dict:
    at.session_state["tune_search_plot"] = plot
    return json.loads(running(at.run()).get("plotly_chart")[0].proto.spec)


def test_plots_show_every_trial():
    studied(12, pruning=False)
    at = open_tab()
    (points,) = (part for part in figure(at, "History")["data"] if part["name"] == "a trial")
    assert len(points["x"]) == 12
    assert set(figure(at, "Importance")["data"][0]["y"]) == set(SPACE.dimensions)
    for plot in ("Parallel coordinates", "Epochs"):
        lines = [part for part in figure(at, plot)["data"] if part["mode"].startswith("lines")]
        assert len(lines) == 12
    for plot, axes in {"Slice": ("xaxis", "xaxis2"), "Contour": ("xaxis", "yaxis")}.items():
        layout = figure(at, plot)["layout"]
        assert {layout[axis]["title"]["text"] for axis in axes} == set(SPACE.dimensions)


def test_charts_on_a_phone_are_narrow(monkeypatch):
    studied(4)
    monkeypatch.setattr(touch, "on_phone", lambda: True)
    at = open_tab()
    layout = figure(at, "Slice")["layout"]
    assert layout["xaxis"]["domain"] == layout["xaxis2"]["domain"] == [0, 1]
    names = figure(at, "Parallel coordinates")["layout"]["yaxis"]["ticktext"]
    assert names == ["val_accuracy", *sorted(SPACE.dimensions)]


def test_too_few_trials_for_a_plot_are_a_sentence():
    studied(3)
    at = open_tab(tune_search_plot="Importance")
    assert "needs 10 complete trials; so far there are 3" in words(at)
    assert not at.get("plotly_chart")


def test_stop_go_on_and_delete():
    store = Store()
    group = studies.start(store, Study(base=BASE, space=SPACE, trials=3), "")
    studies.advance(store.database.url, 1)
    at = open_tab()
    running(button(at, "Stop").click().run())
    assert groups.find(store, group.id).state == "stopped"
    assert {run.state for run in store.runs(group.id)} == {"paused"}
    running(button(at, "Resume").click().run())
    assert {run.state for run in store.runs(group.id)} == {"queued"}
    at.session_state[f"tune_search_delete_{group.id}"] = True
    running(at.run())
    running(button(at, "Yes, delete them").click().run())
    assert groups.list_groups(store, "study") == []
    assert store.runs(group.id) == []
    assert "No study yet" in words(at)


def test_the_address_names_the_study():
    first = studied(2)
    studies.start(Store(), Study(base=BASE, space=SPACE), "another")
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=30)
    at.query_params["group"] = str(first.id)
    at.switch_page("../../pages/tune.py")
    running(at.run())
    assert progress(at)[-1] == "2 of 2 trials done: 2 complete."


def test_the_first_values_are_among_those_offered():
    for offered, first in search_space.CHOICES.values():
        assert set(first) <= set(offered)


def test_a_study_with_the_real_engine(request, monkeypatch):
    engine = request.getfixturevalue("engine")
    study = Study(
        base=BASE.model_copy(update={"training": Training(epochs=1)}),
        space=Space(batch_size=(32, 64)),
        sampler="random",
        trials=3,
        trial_epochs=1,
    )
    store = Store()
    group = studies.start(store, study, "for real")
    engine.wake()
    wait_until(lambda: groups.find(store, group.id).state == "finished")
    monkeypatch.setattr(cache, "engine", lambda: engine)
    at = open_tab(tune_search_plot="Epochs")
    assert progress(at)[-1] == "3 of 3 trials done: 3 complete."
    assert len(json.loads(at.get("plotly_chart")[0].proto.spec)["data"]) == 3
    assert all(run.test_accuracy is None for run in store.runs(group.id))
    assert "Best of all: trial" in words(at)
