"""The tab Lessons, and the open lesson at the foot of every page; no training, no engine."""

from collections.abc import Callable
from pathlib import Path
from urllib.parse import unquote

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core.network.presets import find
from mnist_core.storage.runs import Store
from mnist_core.teaching.lessons import progress, reader
from ui.session import clock
from ui.views.learn import lesson_catalog
from ui.views.learn.ideas.catalog import IDEAS

LESSON = """---
title: {title}
order: {order}
minutes: 45
note: note-1
about: Small steps.
start:
  network: note-1
  epochs: 3
task: The task itself.
check:
{check}
---
An introduction.

## Look
[Open Data](data?set=test&image=7)
Read: Reading one.
Do: Doing one.
See: Seeing one.

## Build it
[Open Build](build)
Read: Reading two.
Do: Doing two.
See: Seeing two.
"""
RUN = "  kind: run\n  network: note-1\n  test_accuracy: 0.97"
ASKS = "  kind: answer\n  question: flatten"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """Two lessons; a third file is broken."""
    made = tmp_path / "lessons" / "en"
    made.mkdir(parents=True)
    (made / "asks.md").write_text(LESSON.format(title="A question", order=2, check=ASKS))
    (made / "runs.md").write_text(LESSON.format(title="A run", order=1, check=RUN))
    (made / "broken.md").write_text(LESSON.format(title="Broken", order="soon", check=RUN))
    monkeypatch.setattr(reader, "FOLDER", made.parent)
    return made


@pytest.fixture
def opened(folder, page: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """opened("build", lesson="runs"): a page with that in its address."""

    def open_page(name: str, **query: str) -> AppTest:
        at = page(name, **query)
        assert not at.exception
        return at

    return open_page


def words(at: AppTest) -> str:
    shown = (*at.markdown, *at.caption, *at.info, *at.success, *at.warning, *at.title)
    return "\n".join(element.value for element in shown)


def open_task(at: AppTest) -> str:
    """Choose the part Task; return all words of the page."""
    at.segmented_control("lesson_part").set_value("Task").run()
    assert not at.exception
    return words(at)


def finished(accuracy: float) -> int:
    store = Store()
    run = store.create_run(find("note-1"))
    store.update(run.id, state="finished", epochs=1, test_accuracy=accuracy)
    return run.id


def test_lessons_are_listed_in_their_order_and_a_broken_file_is_told(opened):
    at = opened("learn", learn_tab="Lessons")
    told = words(at)
    assert told.index("1. A run") < told.index("2. A question")
    assert "45 minutes · course note 1 · 2 steps" in told
    assert len(at.warning) == 1
    assert "broken.md" in at.warning[0].value
    assert "received 'soon'" in at.warning[0].value


def test_an_added_file_is_an_added_lesson(folder, opened):
    at = opened("learn", learn_tab="Lessons")
    assert "Added" not in words(at)
    (folder / "added.md").write_text(LESSON.format(title="Added", order=9, check=RUN))
    assert "9. Added" in words(at.run())


def test_start_opens_a_lesson_and_prepares_its_network(opened):
    at = opened("learn", learn_tab="Lessons")
    start = ("**:primary[Start]**", "set=test&image=7&lesson=runs.1")
    assert links(at)[0] == start
    at = opened("data", set="test", image="7", lesson="runs.1")
    assert at.query_params["lesson"] == "runs"
    assert "**A run**  \nStep 1 of 2: Look" in words(at)
    assert "An introduction." in words(at)
    assert "Reading one." in words(at)
    assert at.session_state["draft"].spec().network == find("note-1").network
    assert at.session_state["draft"].training.epochs == 3
    assert links(at) == [("**:primary[Next]**", "lesson=runs.2")]


def test_a_link_opens_its_step(opened):
    at = opened("build", lesson="runs.2")
    assert "Step 2 of 2: Build it" in words(at)
    assert progress.load(Store(), "runs") == progress.Progress("runs", 2)
    assert links(at) == [("Back", "set=test&image=7&lesson=runs.1")]
    at.query_params["lesson"] = "runs.1"
    assert "Step 1 of 2: Look" in words(at.run())
    for wrong in ("runs.", "runs.x", "runs.99", "runs.1234567890123456789"):
        assert "**A run**" in words(opened("build", lesson=wrong))


def test_a_refresh_finds_the_lesson_at_its_step_on_other_pages_too(opened):
    progress.open_step(Store(), "asks", 2)
    for name in ("home", "compare", "learn"):
        told = words(opened(name, lesson="asks"))
        assert "**A question**  \nStep 2 of 2: Build it" in told


def test_the_lesson_stays_where_an_address_drops_it_until_it_is_closed(opened):
    at = opened("build", lesson="runs")
    at.query_params.clear()
    at.switch_page("../../pages/data.py").run()
    assert not at.exception
    assert at.query_params["lesson"] == "runs"
    assert "**A run**  \nStep 1 of 2: Look" in words(at)
    at.button("lesson_close").click().run()
    assert not at.exception
    assert "lesson" not in at.query_params
    assert "A run" not in words(at)


def test_a_lesson_that_a_link_opens_first_brings_its_network_unless_the_link_has_one(opened):
    at = opened("build", lesson="runs")
    assert at.session_state["draft"].spec().network == find("note-1").network
    at = opened("build", lesson="asks", network="C4 M F")
    assert at.query_params["network"] == "C4 M F"
    at.segmented_control("lesson_part").set_value("Do").run()
    at.button("lesson_prepare").click().run()
    assert at.session_state["draft"].spec().network == find("note-1").network
    assert at.query_params["network"] == "C32 M C64 M F D128"


def test_a_lesson_brings_its_network_once_a_session(opened):
    finished(0.5)
    progress.open_step(Store(), "asks", 2)
    at = opened("data", lesson="asks")
    assert at.session_state["draft"].training.epochs == 3  # the run's spec has 30
    at.session_state["draft"].training = find("note-5").training
    at.switch_page("../../pages/draw.py").run()
    assert at.session_state["draft"].training == find("note-5").training


def test_a_link_that_hides_settings_lets_the_lesson_bring_its_network(opened):
    at = opened("data", lesson="runs", hide="build.training")
    assert at.session_state["draft"].training.epochs == 3
    assert at.query_params["epochs"] == "3"


def test_an_answer_that_no_browser_can_count_is_forgotten(opened):
    progress.open_step(Store(), "asks", 2)
    progress.save_answer(Store(), "asks", str(10**20))
    at = opened("data", lesson="asks")
    open_task(at)
    assert at.number_input("lesson_answer_asks").value is None


def test_a_run_passes_the_task_for_good(opened):
    progress.open_step(Store(), "runs", 2)
    at = opened("results", lesson="runs")
    assert "No run of `C32 M C64 M F D128` yet" in open_task(at)
    near = finished(0.96)
    assert f"Run {near} came closest: 96.00\u00a0% test accuracy, 1.00 points short." in words(
        at.run()
    )
    run_id = finished(0.98)
    at.session_state["screen_moves"] = True  # as a browser says that is not asked for less motion
    at.segmented_control("lesson_part").set_value("See").run()
    passed = f"Passed. Run {run_id} counts: 98.00\u00a0%: 200 wrong of 10,000."
    assert at.success[0].value == passed  # the task opens by itself
    assert at.toast[0].value == "**A run**: passed!"
    assert at.get("balloons")
    assert not at.run().get("balloons")
    assert not at.toast
    assert at.success[0].value == passed
    Store().delete_run(run_id)
    assert at.run().success[0].value.startswith("Passed on ")
    assert "step 2 of 2 · :material/check_circle: passed" in (
        words(opened("learn", learn_tab="Lessons", lesson=""))
    )


def test_a_lesson_that_an_earlier_run_passes_opens_with_its_text(opened):
    finished(0.98)
    at = opened("data", lesson="runs")
    assert at.toast[0].value == "**A run**: passed!"
    assert at.segmented_control("lesson_part").value == "Read"
    assert "**A run** · passed" in words(at)
    assert not at.run().toast


def test_a_pass_is_told_at_every_step_and_leads_to_the_next_lesson(opened):
    progress.begin(Store(), "runs")
    at = opened("data", lesson="runs")
    assert "passed" not in words(at).lower()
    finished(0.98)
    told = words(at.run())
    assert ":material/check_circle: **A run** · passed  \nStep 1 of 2: Look" in told
    assert "The task itself." in told
    at.query_params["lesson"] = "runs.2"
    following = ("**:primary[Next lesson: A question]**", "set=test&image=7&lesson=asks.1")
    assert following in links(at.run())
    at = opened("learn", learn_tab="Lessons", lesson="asks.2")
    assert "## :material/check_circle: 1. A run" in words(at)
    again, resume = links(at)[:2]
    assert again == ("**:primary[Open again]**", "set=test&image=7&lesson=runs.1")
    assert resume == ("**:primary[Resume]**", "lesson=asks.2")


def test_a_link_leads_back_to_the_page_of_the_step_from_elsewhere(opened):
    here = ("**:primary[Open Data]**", "set=test&image=7&lesson=runs.1")
    at = opened("build", lesson="runs")
    assert links(at)[0] == here
    at.segmented_control("lesson_part").set_value("Do").run()
    at.query_params.update(set="test", image="7")
    at.switch_page("../../pages/data.py").run()
    assert not at.exception
    assert "Doing one." in words(at)
    assert "Reading one." not in words(at)
    assert here not in links(at)
    at.query_params["image"] = "8"  # as a browser does by itself
    at.number_input("image").set_value(8).run()
    assert here in links(at)
    at.query_params["lesson"] = "runs.2"
    assert "Reading two." in words(at.run())


def links(at: AppTest) -> list[tuple[str, str]]:
    """Labels and queries of the links to steps that can be followed."""
    found = [element.proto for element in at.get("page_link") if not element.proto.disabled]
    return [(link.label, unquote(link.query_string)) for link in found if "lesson=" in str(link)]


def test_a_link_to_results_names_the_run_that_the_task_is_about(folder, opened):
    text = LESSON.format(title="A run", order=1, check=RUN)
    (folder / "runs.md").write_text(text.replace("(build)", "(results)"))
    progress.open_step(Store(), "runs", 2)
    at = opened("data", lesson="runs")
    assert links(at)[0] == ("**:primary[Open Build]**", "lesson=runs.2")
    run_id = finished(0.98)
    finished(0.5)
    assert links(at.run())[0] == ("**:primary[Open Build]**", f"run={run_id}&lesson=runs.2")


def test_the_task_leads_to_the_run_that_counts_and_says_when_it_was_made(opened):
    progress.open_step(Store(), "runs", 2)
    run_id = finished(0.98)
    made = clock.moment(Store().run(run_id).created_at)
    label = f"See run {run_id} from {made}, which counts for this task"
    at = opened("build", lesson="runs")
    at.segmented_control("lesson_part").set_value("Task").run()
    assert (label, f"run={run_id}&lesson=runs") in links(at)


@pytest.mark.parametrize("query", [{"learn_tab": "Ideas"}, {}])
def test_a_link_to_an_idea_opens_it_from_another_tab(opened, query):
    at = opened("learn", learn_tab="Lessons")
    for _ in range(2):  # the idea that was open last, too
        at.query_params.clear()
        at.query_params.update({"idea": "labels"} | query)
        at.run()
        assert not at.exception
        assert "Labels: one-hot or sparse" in [heading.value for heading in at.header]
        at.query_params["learn_tab"] = at.session_state["learn_tab"] = "Lessons"
        assert "Labels: one-hot or sparse" not in [h.value for h in at.run().header]


def test_next_leads_through_all_ideas_in_their_order(opened):
    at = opened("learn")
    for idea in IDEAS[1:]:
        at.button("learn_idea_next").click().run()
        assert not at.exception
        assert at.header[0].value == idea.title
        assert at.query_params["idea"] == idea.name
    assert at.button("learn_idea_next").disabled


def test_the_prepared_network_takes_the_place_of_the_one_in_the_address(opened):
    at = opened("train", lesson="runs", network="C4 M F")
    at.segmented_control("lesson_part").set_value("Do").run()
    at.button("lesson_prepare").click().run()
    assert not at.exception
    assert at.query_params["network"] == "C32 M C64 M F D128"


def test_an_answer_is_told_right_or_wrong_and_kept(opened):
    progress.open_step(Store(), "asks", 2)
    run_id = finished(0.98)
    at = opened("build", lesson="asks")
    assert "type your answer" in open_task(at)
    at.number_input("lesson_answer_asks").set_value(1601)
    assert f"1,601 is not right for run {run_id}" in words(at.run())
    assert not at.success
    at.number_input("lesson_answer_asks").set_value(1600)
    assert at.run().success[0].value == f"Passed. 1,600 is right for run {run_id}."
    again = opened("draw", lesson="asks")
    open_task(again)
    assert again.number_input("lesson_answer_asks").value == 1600
    assert again.success


def test_an_address_with_a_lesson_that_is_not_there_says_so(opened):
    at = opened("data", lesson="no*body")
    assert "There is no lesson called “no\\*body”" in at.warning[0].value
    at = opened("data", lesson="broken")
    assert "order must be a valid integer" in at.warning[0].value
    at.button("lesson_close").click().run()
    assert not at.warning


def test_a_folded_lesson_stays_folded(opened):
    at = opened("data", lesson="runs")
    at.segmented_control("lesson_part").unselect("Read").run()
    assert "Reading one." not in words(at)
    assert "Step 1 of 2" in words(at)
    at.switch_page("../../pages/build.py").run()
    assert "Reading one." not in words(at)
    assert "Step 1 of 2" in words(at)
    at.query_params["lesson"] = "runs.2"
    assert "Reading two." in words(at.run())


def test_our_own_lessons_can_all_be_read():
    found = lesson_catalog.all_lessons()
    assert not found.broken
    assert len(found.lessons) >= 8
    assert {f"note-{number}" for number in range(1, 6)} <= {item.note for item in found.lessons}


GERMAN = LESSON.format(title="Ein Lauf", order=1, check=RUN).replace("Reading one", "Lies eins")


@pytest.fixture
def german(folder) -> None:
    """One of the lessons is translated."""
    (folder.parent / "de").mkdir()
    (folder.parent / "de" / "runs.md").write_text(GERMAN)


@pytest.mark.usefixtures("german")
def test_a_link_opens_a_lesson_in_its_language_and_the_address_keeps_it(opened):
    at = opened("data", lesson="runs", language="de")
    assert "Ein Lauf" in words(at)
    assert "Lies eins." in words(at)
    assert at.query_params["language"] == "de"


@pytest.mark.usefixtures("german")
def test_the_language_can_be_chosen_where_lessons_are_listed(opened):
    at = opened("learn", learn_tab="Lessons")
    choice = at.segmented_control("lesson_language")
    assert choice.value == "en"
    told = words(choice.set_value("de").run())
    assert "1. Ein Lauf" in told
    assert "2. A question" in told
    assert at.query_params["language"] == "de"


def test_no_language_is_offered_where_there_is_only_one(opened):
    at = opened("learn", learn_tab="Lessons")
    assert "lesson_language" not in [choice.key for choice in at.segmented_control]


@pytest.mark.usefixtures("german")
def test_an_unknown_language_is_english(opened):
    assert "A run" in words(opened("data", lesson="runs", language="xx"))


@pytest.mark.usefixtures("german")
def test_the_language_of_the_browser_counts(opened, monkeypatch):
    monkeypatch.setattr(type(st.context), "locale", property(lambda _: "de-AT"))
    assert "1. Ein Lauf" in words(opened("learn", learn_tab="Lessons"))


@pytest.mark.usefixtures("german")
def test_a_teachers_link_to_a_lesson_has_the_chosen_language(opened):
    at = opened("learn", learn_tab="For teachers", language="de")
    assert "language=" not in at.code[0].value
    at.selectbox("learn_teacher_lesson").set_value("runs").run()
    assert not at.exception
    assert at.code[0].value.endswith("language=de")
