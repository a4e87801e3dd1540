"""The page Look inside as a whole: what it needs, its tabs, and work that takes its time."""

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.engine import examples
from mnist_core.engine.engine import EngineError
from mnist_core.engine.status import READY, STARTING
from mnist_core.evaluation.run import Run
from mnist_core.execution import jobs
from mnist_core.storage.database import default_url
from mnist_core.storage.runs import Store
from tests.helpers import LOOK_INSIDE, checked, wait_until, words
from ui.session import cache


class Engine:
    """One that starts for as long as one likes, and answers nothing."""

    now, woken = STARTING, 0

    def status(self):
        return self.now

    def wake(self):
        self.woken += 1

    def probabilities(self, *asked):
        raise EngineError("it starts")


@pytest.fixture
def idle(monkeypatch) -> Engine:
    made = Engine()
    monkeypatch.setattr(cache, "engine", lambda: made)
    return made


@pytest.fixture
def example() -> Run:
    """note-5, as it ships."""
    examples.install()
    return Store().examples()[0]


def open_tab(at: AppTest, tab: str) -> AppTest:
    at.query_params["look_tab"] = tab
    at.run()
    assert not at.exception
    return at


def button(at: AppTest, label: str):
    return next(one for one in at.button if one.label == label)


def test_without_a_trained_run_it_says_what_is_missing(page):
    at = page("look")
    assert not at.exception
    assert "No network to look inside yet" in at.info[0].value


@pytest.mark.parametrize("tab", LOOK_INSIDE)
def test_every_tab_of_an_example_draws_with_a_real_engine(page, engine, tab):
    examples.install()
    at = open_tab(page("look"), tab)
    assert not at.error


@pytest.mark.parametrize(("view", "group"), LOOK_INSIDE.items())
def test_a_link_opens_the_view_in_its_group(page, example, idle, view, group):
    at = open_tab(page("look"), view)
    assert at.session_state["look_tab_group"] == group
    assert at.query_params["look_tab"] == view
    beside = [one for one, its_group in LOOK_INSIDE.items() if its_group == group]
    choices = [one for one in at.segmented_control if one.label == group]
    assert [one.options for one in choices] == ([beside] if len(beside) > 1 else [])
    assert all(one.value == view for one in choices)


def test_a_choice_within_a_group_is_taken_and_the_address_names_it(page, example, idle):
    at = open_tab(page("look"), "Replay")
    for view in ("Filters", "Replay", "Filters"):
        [choice] = [one for one in at.segmented_control if one.label == "What it learned"]
        checked(choice.set_value(view).run())
        assert at.query_params["look_tab"] == view
        assert ("Twenty test digits" in words(at)) == (view == "Replay")


def test_what_asks_the_worker_waits_for_it_and_the_rest_does_not(page, example, idle):
    at = open_tab(page("look"), "Saliency")
    assert "the figures appear here" in at.info[0].value
    at = open_tab(page("look"), "Filters")
    assert "the figures appear here" not in words(at)


def test_each_choice_of_a_run_is_taken_and_the_address_names_it(page, example, idle):
    fast = Store().examples()[1]
    at = open_tab(page("look"), "Replay")
    for run in (fast, example, fast):
        [box] = [one for one in at.selectbox if one.label == "Run"]
        box.set_value(run.id)
        at.run()
        assert not at.exception
        [box] = [one for one in at.selectbox if one.label == "Run"]
        assert box.value == run.id
        assert at.query_params["run"] == str(run.id)
        assert ("single epoch" in words(at)) == (run.name == "fast")


def test_the_tab_is_the_same_after_a_visit_elsewhere(page, example, idle):
    at = open_tab(page("look"), "Replay")
    at.switch_page("../../pages/data.py")
    at.run()
    at.switch_page("../../pages/look.py")
    at.run()
    assert not at.exception
    assert "Twenty test digits" in words(at)


def test_long_work_begins_when_asked_and_can_be_cancelled(page, example, idle):
    idle.now = READY
    at = open_tab(page("look"), "Suspect labels")
    [ask] = [one for one in at.button if (one.key or "").startswith("look_ask_suspects")]
    ask.click()
    at.run()
    assert not at.exception
    assert idle.woken == 1
    [(_, job)] = jobs.waiting(default_url())
    assert (job.run_id, job.name) == (example.id, "suspects")
    button(at, "Cancel").click()
    at.run()
    assert not at.exception
    assert jobs.waiting(default_url()) == []
    assert [one for one in at.button if (one.key or "").startswith("look_ask_suspects")]


def test_work_that_failed_says_why_and_is_tried_again(page, example, idle):
    store = Store("examples")
    jobs.enqueue(store, example.id, "suspects")
    jobs.claim(store, example.id, "suspects")
    jobs.fail(store, example.id, "suspects", "the sky has fallen")
    at = open_tab(page("look"), "Suspect labels")
    assert "The sky has fallen." in [error.value for error in at.error]
    button(at, "Try again").click()
    at.run()
    assert not at.error
    assert len(jobs.waiting(default_url())) == 1


def test_what_begins_by_itself_does_not_begin_again_after_a_cancel(page, example, idle):
    at = open_tab(page("look"), "Embedding")
    assert [job.name for _, job in jobs.waiting(default_url())] == ["embedding"]
    button(at, "Cancel").click()
    at.run()
    assert jobs.waiting(default_url()) == []


def test_long_work_is_done_by_the_worker_and_shown(page, engine):
    examples.install()
    at = open_tab(page("look"), "Embedding")
    store = Store()
    run = store.examples()[0]
    wait_until(lambda: jobs.result(store, run, "embedding") is not None)
    at.run()
    assert not at.exception
    assert not [one for one in at.button if one.label == "Cancel"]
