"""Replay and Robustness: what they show against what the runs have kept, and NumPy."""

import json
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import sqlalchemy as sa
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.engine.engine import EngineError
from mnist_core.engine.status import READY
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.insight.distortions import DISTORTIONS
from mnist_core.storage import artifacts
from mnist_core.storage.database import database, default_url
from mnist_core.storage.runs import Store
from mnist_core.storage.schema import ARTIFACTS
from tests.helpers import MAIN_SCRIPT, captions, numbers, running, wait_until, words
from ui.session import cache
from ui.views.look import robustness
from ui.widgets import playback

ROWS = mnist.showcase()
LABELS = mnist.load().y_test[ROWS]


def open_tab(tab: str, run: Run, **state) -> AppTest:
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=20).run()
    at.switch_page("../../pages/look.py")
    for key, value in {"look_tab": tab, "run": run.id, **state}.items():
        at.session_state[key] = value
    return running(at.run())


def charts(at: AppTest) -> list[dict]:
    return [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]


def expected_captions(probabilities: np.ndarray) -> list[str]:
    return [
        f"{'✓' if row.argmax() == label else '✗'} {row.argmax()}, "
        + (">\u00a099\u00a0%" if row.max() > 0.995 else f"{100 * row.max():.0f}\u00a0%")
        for row, label in zip(probabilities, LABELS, strict=True)
    ]


@pytest.fixture
def runs() -> dict[str, Run]:
    """The examples by name, in this test's database."""
    st.cache_resource.clear()  # their numbers are those of the last test's
    st.cache_data.clear()
    examples.install()
    return {run.name: run for run in Store().examples()}


@pytest.fixture
def note_5(runs) -> Run:
    return runs["note-5"]


def test_replay_shows_the_epoch_of_the_slider(note_5):
    at = open_tab("Replay", note_5)
    assert at.slider[0].value == note_5.epochs
    running(at.slider[0].set_value(3).run())
    store = Store()
    kept, epochs = artifacts.load_epoch_snapshot(store, note_5.id, 3), store.epochs(note_5.id)
    assert kept is not None
    figures = {metric.label: metric for metric in at.metric}
    assert figures["loss"].value == f"{epochs[2].loss:.4f}"
    assert figures["accuracy"].value == f"{100 * epochs[2].accuracy:.2f}\u00a0%"
    change = 100 * (epochs[2].accuracy - epochs[1].accuracy)
    assert figures["accuracy"].delta == f"{change:+.2f} points"
    assert captions(at) == expected_captions(kept.probabilities)
    right = (kept.probabilities.argmax(axis=1) == LABELS).sum()
    assert f"After epoch 3: {right} of 20 right" in words(at)
    assert f"{kept.confusion.trace():,} of 2,000 right" in words(at)
    curves, wall, matrix = charts(at)
    assert [line["name"] for line in curves["data"]] == ["training", "validation"]
    assert curves["layout"]["shapes"][0]["x0"] == 3
    cells = [int(cell) for cell in matrix["data"][-1]["text"]]
    assert cells == kept.confusion.ravel().tolist()
    names = [name["text"] for name in wall["layout"]["annotations"]]
    assert names == [str(number) for number in range(8)]  # note-5's filters


def test_a_figure_that_stays_the_same_has_no_arrow_up(note_5, monkeypatch):
    first, second, third, *more = Store().epochs(note_5.id)
    same = replace(third, accuracy=second.accuracy + 4e-5)
    monkeypatch.setattr(Store, "epochs", lambda *_: [first, second, same, *more])
    at = open_tab("Replay", note_5)
    running(at.slider[0].set_value(3).run())
    metric = next(metric for metric in at.metric if metric.label == "accuracy")
    assert metric.delta == "unchanged"
    assert metric.proto.direction == metric.proto.MetricDirection.NONE
    assert metric.proto.color == metric.proto.MetricColor.GRAY


def test_one_scale_holds_for_the_filters_of_all_epochs(note_5):
    at = open_tab("Replay", note_5)
    kept = [
        artifacts.load_epoch_snapshot(Store(), note_5.id, number)
        for number in range(1, note_5.epochs + 1)
    ]
    top = max(float(np.abs(then.kernel).max()) for then in kept if then and then.kernel is not None)
    for number in (1, note_5.epochs):
        running(at.slider[0].set_value(number).run())
        wall = charts(at)[1]
        assert wall["data"][1]["marker"]["cmax"] == pytest.approx(top)
        assert wall["data"][1]["marker"]["cmin"] == pytest.approx(-top)


def test_the_film_plays_to_its_end_and_starts_over(note_5, monkeypatch):
    monkeypatch.setattr(playback, "STEP_S", 0)  # each run of the page is a step
    at = open_tab("Replay", note_5)
    key = f"look_replay_{note_5.id}_play"
    assert at.button(key).label == "Play"
    running(at.button(key).click().run())
    seen = [at.session_state[f"look_replay_epoch_{note_5.id}"]]
    while at.button(key).label == "Pause":
        running(at.run())
        seen.append(at.session_state[f"look_replay_epoch_{note_5.id}"])
    assert seen[0] <= 3
    assert seen == list(range(seen[0], note_5.epochs + 1))


def test_a_run_of_one_epoch_has_no_slider(runs):
    at = open_tab("Replay", runs["fast"])
    assert not at.slider
    assert "single epoch" in words(at)
    assert len(captions(at)) == 20


def forget(pattern: str) -> None:
    with database(default_url()).write() as connection:
        connection.execute(sa.delete(ARTIFACTS).where(ARTIFACTS.c.name.like(pattern)))


def test_an_epoch_of_which_nothing_was_kept_says_so(note_5):
    forget("epoch/4")
    at = open_tab("Replay", note_5)
    assert len(captions(at)) == 20
    running(at.slider[0].set_value(4).run())
    assert "Nothing was kept of this epoch" in words(at)
    assert len(at.metric) == 4


def test_a_run_that_kept_nothing_says_so(note_5):
    forget("epoch/%")
    at = open_tab("Replay", note_5)
    assert "nothing to replay" in words(at)
    assert not at.slider


@pytest.fixture
def answers(monkeypatch) -> np.ndarray:
    """What a made-up network makes of the twenty digits."""
    given = np.random.default_rng(5).dirichlet(np.ones(10) / 4, 20).astype(np.float32)
    monkeypatch.setattr(cache, "probabilities", lambda run, images: given)
    return given


@pytest.fixture
def measured(monkeypatch) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(6)
    found = {
        name: rng.random((2, len(kind.levels))).astype(np.float32)
        for name, kind in DISTORTIONS.items()
    }
    monkeypatch.setattr(cache, "job_result", lambda run, name: found)
    return found


def test_a_distortion_with_its_curves_and_digits(note_5, answers, measured):
    at = open_tab("Robustness", note_5, look_robust_kind="shifted")
    amount = at.select_slider("look_robust_shifted")
    running(amount.set_value(3).run())
    assert captions(at) == expected_captions(answers)
    right = (answers.argmax(axis=1) == LABELS).sum()
    assert f"reads {right} of 20 right" in words(at)
    place = DISTORTIONS["shifted"].levels.index(3)
    accuracy, confidence = measured["shifted"][:, place]
    wrong = round(2000 * (1 - float(accuracy)))
    assert f"**{100 * accuracy:.2f}\u00a0%: {wrong:,} wrong of 2,000**" in words(at)
    assert f"{100 * confidence:.1f}\u00a0% sure on average" in words(at)
    for chart, row in zip(charts(at)[:2], measured["shifted"], strict=True):
        (line,) = chart["data"]
        np.testing.assert_allclose(numbers(line["y"]), row)
        assert chart["layout"]["shapes"][-1]["x0"] == 3


def test_several_runs_and_all_distortions_at_once(runs, answers, measured):
    at = open_tab("Robustness", runs["note-5"], look_robust_kind="All eight")
    both = [runs["note-5"].id, runs["fast"].id]
    running(at.multiselect[0].set_value(both).run())
    overview = charts(at)[0]["data"]
    assert len(overview) == 2 * len(DISTORTIONS)
    assert len({line["xaxis"] for line in overview}) == len(DISTORTIONS)
    for part in (("line", "color"), ("line", "dash"), ("marker", "symbol")):
        assert len({line[part[0]][part[1]] for line in overview}) == 2
    running(at.multiselect[0].set_value([]).run())
    assert "Choose a network" in words(at)


@pytest.mark.parametrize(
    ("accuracy", "sentence"),
    [
        (np.linspace(1, 0.2, 9), "falls below 9 of 10 right at 20°, and below half at 90°."),
        (np.linspace(1, 0.6, 9), "falls below 9 of 10 right at 30°, but nowhere below half."),
        (np.linspace(0.8, 0.4, 9), "fewer than 9 of 10 right as they are, and falls below half at"),
        (np.full(9, 0.1), "reads fewer than half right as they are."),
        (np.ones(9), "reads at least 9 of 10 right at every amount."),
    ],
)
def test_one_sentence_says_where_a_network_fails(accuracy, sentence):
    assert sentence in robustness.falls("note-5", DISTORTIONS["rotated"], accuracy)


def test_the_run_is_measured_at_once_and_others_at_one_click(runs, answers, monkeypatch):
    quiet = SimpleNamespace(wake=lambda: None, status=lambda: READY)
    monkeypatch.setattr(cache, "engine", lambda: quiet)
    store, note_5 = Store(), runs["note-5"]
    others = [store.create_run(note_5.spec, name, queued=False).id for name in ("b", "c")]
    for run_id in others:
        store.update(run_id, test_accuracy=0.98)
    ids = [note_5.id, *others]
    at = open_tab("Robustness", note_5)

    def asked() -> set[int]:
        return {job.run_id for _, job in jobs.waiting(default_url())}

    assert asked() == {ids[0]}
    running(at.multiselect[0].set_value(ids).run())
    assert asked() == {ids[0]}
    running(at.button("look_robust_measure_all").click().run())
    assert asked() == set(ids)
    assert not [button for button in at.button if button.label.startswith("Measure")]


@pytest.mark.parametrize("name", list(DISTORTIONS))
def test_every_distortion_can_be_chosen(note_5, answers, measured, name):
    at = open_tab("Robustness", note_5, look_robust_kind=name)
    for level in (DISTORTIONS[name].levels[0], DISTORTIONS[name].levels[-1]):
        running(at.select_slider(f"look_robust_{name}").set_value(level).run())
        assert f"{DISTORTIONS[name].words.lower()}: {level:g}" in words(at)


def test_without_a_worker_the_digits_are_there_unread(note_5, monkeypatch):
    def refuse(run, images):
        raise EngineError("there is no answer yet: no worker is running")

    monkeypatch.setattr(cache, "probabilities", refuse)
    at = open_tab("Robustness", note_5)
    assert "There is no answer yet" in words(at)
    assert captions(at) == ["?"] * 20
    assert "is not measured yet" in words(at)


@pytest.mark.parametrize("percent", [0.0, 90.0, 99.5])
def test_answers_withheld_are_numpys(note_5, answers, measured, percent):
    at = open_tab("Robustness", note_5)
    running(at.slider("look_robust_threshold").set_value(percent).run())
    report = artifacts.load_report(Store(), note_5.id)
    assert report is not None
    confidence = report.probabilities.max(axis=1)
    wrong = report.probabilities.argmax(axis=1) != mnist.load().y_test
    answered = confidence >= percent / 100
    seen = words(at)
    assert f"**answers {answered.sum():,} of 10,000**" in seen
    assert f"**{(wrong & answered).sum():,} of these are wrong**" in seen
    assert f"**{(wrong & ~answered).sum():,} wrong**, and {(~wrong & ~answered).sum():,}" in seen


def test_with_the_engine_it_reads_measures_and_can_be_cancelled(engine):
    st.cache_resource.clear()
    examples.install()
    run = next(run for run in Store().examples() if run.name == "fast")  # not measured elsewhere
    at = open_tab("Robustness", run, look_robust_kind="rotated")
    running(at.select_slider("look_robust_rotated").set_value(0).run())
    report = artifacts.load_report(Store(), run.id)
    assert report is not None
    assert captions(at) == expected_captions(report.probabilities[ROWS])
    wait_until(lambda: "% done" in progress(at))
    running(at.button(f"look_cancel_robustness_{run.id}").click().run())
    assert at.button(f"look_ask_robustness_{run.id}").label == "Measure it"


def progress(at: AppTest) -> str:
    running(at.run())
    return " ".join(bar.proto.text for bar in at.get("progress"))
