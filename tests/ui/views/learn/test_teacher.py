"""Teacher's links: what is chosen is in the link, and whoever opens it finds just that."""

import ast
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from mnist_core.engine.status import STARTING
from mnist_core.network import presets
from mnist_core.network.notation import parse
from mnist_core.network.query import from_query
from mnist_core.network.spec import Spec, Training
from mnist_core.utils.paths import PROJECT
from tests.helpers import checked, words
from ui.session import cache, navigation, teacher_link
from ui.views.learn import lesson_catalog, teacher
from ui.views.learn.ideas.catalog import IDEAS

PAGES = PROJECT / "pages"


class Engine:
    """One that never gets ready."""

    def status(self):
        return STARTING

    def speed(self):
        return None


@pytest.fixture
def tab(page, monkeypatch) -> AppTest:
    monkeypatch.setattr(cache, "engine", lambda: Engine())
    return checked(page("learn", learn_tab="For teachers", network="C4 M F D8", epochs="3"))


def link(at: AppTest) -> tuple[str, dict[str, str]]:
    """The page's name and the query of the link that was made."""
    parts = urlsplit(at.code[0].value)
    return parts.path.strip("/"), dict(parse_qsl(parts.query, keep_blank_values=True))


def choose(at: AppTest, **values) -> AppTest:
    """Set these, by what follows learn_teacher_ in their keys, in turn."""
    for name, value in values.items():
        key = f"learn_teacher_{name}"
        if name == "network":
            at.segmented_control(key).set_value(value)
        elif name == "hide":
            at.multiselect(key).set_value(value)
        else:
            at.selectbox(key).set_value(value)
        checked(at.run())
    return at


def boxes(at: AppTest) -> set[str]:
    return {box.label for box in (*at.number_input, *at.selectbox, *at.text_input)}


@pytest.mark.parametrize("name", teacher.TABS)
def test_the_tabs_are_those_of_the_pages(name):
    source = ast.parse((PAGES / f"{name}.py").read_text(encoding="utf-8"))
    named = {
        ast.unparse(node.targets[0]): node.value
        for node in source.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Dict)
    }
    groups = named["GROUPS"].values if "GROUPS" in named else [named["TABS"]]
    tabs = [key for group in groups if isinstance(group, ast.Dict) for key in group.keys]
    assert teacher.TABS[name] == tuple(ast.literal_eval(key) for key in tabs if key)
    assert set(teacher_link.PARTS.get(name, {}).values()) <= set(teacher.TABS[name])


def test_first_it_links_to_the_network_on_build(tab):
    assert link(tab) == ("build", {"network": "C4 M F D8", "epochs": "3"})
    assert "They start on 2 Build." in words(tab)
    assert "Nothing is hidden." in words(tab)


def test_a_link_brings_page_tab_network_and_what_is_hidden(tab, page):
    names = ["build.training", "build.presets", "page.tune"]
    at = choose(tab, page="build", network="A preset", preset="note-2", hide=names)
    place, query = link(at)
    assert "Hidden pages: 8 Tune. Hidden on 2 Build: Presets, Training settings." in words(at)
    student = checked(page(place, **query))
    asked = {key: value for key, value in query.items() if key != "hide"}
    assert from_query(asked) == presets.find("note-2")
    assert "seed" not in boxes(student)
    assert "Start from a preset" not in boxes(student)
    assert {"filters of layer 1", "Validation images", "Short notation"} <= boxes(student)
    assert "121,994" in {metric.value for metric in student.metric}


def test_try_it_opens_the_same(tab):
    at = choose(tab, page="home", hide=["build.training"])
    place, query = link(at)
    assert place == ""  # the home page has none
    shown = next(link.proto for link in at.get("page_link") if link.proto.label == "Try it")
    assert shown.page == ""
    assert dict(parse_qsl(shown.query_string)) == query


def test_tabs_ideas_and_lessons_are_in_the_link(tab):
    at = choose(tab, page="look", tab_look="Saliency", network="None")
    assert link(at) == ("look", {"look_tab": "Saliency"})
    at = choose(at, page="learn", tab_learn="Ideas", idea=IDEAS[3].name)
    assert link(at) == ("learn", {"learn_tab": "Ideas", "idea": IDEAS[3].name})
    lesson = next(one for one in lesson_catalog.all_lessons().lessons if one.start)
    at = choose(at, tab_learn="Lessons", lesson=lesson.name)
    assert at.segmented_control(key="learn_teacher_network").value == "The lesson's"
    place, query = link(at)
    assert (place, query.pop("learn_tab"), query.pop("lesson")) == (
        "learn",
        "Lessons",
        lesson.name,
    )
    assert from_query(query) == lesson.start
    at = choose(at, network="A preset", preset="note-2")
    assert "but brings a different one" in words(at)
    at = choose(at, lesson=None)
    assert "but brings a different one" not in words(at)
    at = choose(at, lesson=lesson.name)
    assert at.segmented_control(key="learn_teacher_network").value == "The lesson's"
    assert "but brings a different one" not in words(at)
    at = choose(at, lesson=None)
    assert link(at)[1]["network"] == "C4 M F D8"


def test_a_page_comes_before_its_tabs_and_nothing_is_called_alike(tab):
    names = tab.multiselect(key="learn_teacher_hide").options
    assert len(set(names)) == len(names)
    found = [name for name in names if "tune" in name.lower()]
    assert found[:2] == ["Page: Tune", "Tune tab: Search"]
    assert "Build: Training settings" in names


def test_the_last_way_to_begin_on_build_counts(tab):
    for key in (f"learn_teacher_recipe_{number}" for number in (1, 2, 0)):
        checked(tab.button(key=key).click().run())
    names = link(tab)[1]["hide"].split(",")
    assert set(names) == {"page.tune", "page.compare"} | {
        f"build.{part}" for part in teacher_link.PARTS["build"]
    } - {"build.training", "build.code", "build.link"}


def test_what_contradicts_itself_is_told(tab):
    at = choose(tab, page="tune", hide=["page.tune"])
    assert "The link both opens and hides 8 Tune" in words(at)
    at = choose(at, tab_tune="Search", hide=["tune.search", "build.split"], network="None")
    assert "The link both opens and hides the tab Search" in words(at)
    assert "prepares no network" in words(at)
    at = choose(at, network="The lesson's")
    assert "No lesson that prepares a network is chosen" in words(at)


def test_a_network_that_cannot_work_is_left_out(page, monkeypatch):
    monkeypatch.setattr(cache, "engine", lambda: Engine())
    at = page("learn", learn_tab="For teachers", network="C4 M")
    assert not at.exception
    assert "cannot be trained yet" in words(at)
    assert link(at) == ("build", {})


def test_choices_survive_another_page(tab):
    at = choose(tab, page="compare", tab_compare="Curves", hide=["page.tune"])
    made = link(at)
    at.switch_page("../../pages/home.py")
    checked(at.run())
    at.switch_page("../../pages/learn.py")
    at.query_params["learn_tab"] = "For teachers"
    assert link(checked(at.run())) == made


@given(
    page=st.sampled_from([step.name for step in navigation.STEPS]),
    spec=st.none()
    | st.builds(
        Spec,
        network=st.just(parse("C4k5same M F D8tanh Drop0.25")),
        training=st.builds(Training, epochs=st.integers(1, 50), seed=st.integers(0, 2**31 - 1)),
    ),
    hide=st.sets(st.sampled_from(sorted(teacher_link.NAMES))),
)
def test_every_link_is_read_back(page, spec, hide):
    contents = teacher.LinkContents(page, None, None, None, spec, tuple(hide))
    address = teacher.links.link_to(f"https://school.example/mnist/{page}", contents.query())
    query = dict(parse_qsl(urlsplit(address).query))
    assert set(filter(None, query.pop("hide", "").split(","))) == hide
    assert (from_query(query) if query else None) == spec
