"""What a teacher's link hides: out of sight, values kept, on every page, until all is shown."""

from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from mnist_core.engine import examples
from mnist_core.engine.status import STARTING
from mnist_core.network import presets
from mnist_core.network.query import from_query
from mnist_core.network.spec import Training
from tests.helpers import running, words
from ui.session import address as parameters
from ui.session import cache, navigation, state, teacher_link
from ui.views.build.settings import HELP

SETTINGS = {"epochs": "3", "optimizer": "sgd", "momentum": "0.9", "learning_rate": "0.05"}
NETWORK = {"network": "C4 M F D8", **SETTINGS}


class Engine:
    """One that never gets ready."""

    def status(self):
        return STARTING

    def speed(self):
        return None


@pytest.fixture(autouse=True)
def _no_engine(monkeypatch):
    monkeypatch.setattr(cache, "engine", lambda: Engine())


def address(at: AppTest) -> dict[str, str]:
    query = at.query_params.items()
    return {key: value if isinstance(value, str) else value[0] for key, value in query}


def boxes(at: AppTest) -> set[str]:
    """The settings of Build that can be changed, by their labels."""
    return {box.label for box in (*at.number_input, *at.selectbox, *at.toggle, *at.text_input)}


def notice(at: AppTest) -> bool:
    return "Your teacher's link hides some controls." in words(at)


def tabs(at: AppTest) -> list[str]:
    return [tab.label for tab in at.tabs]


def test_hidden_controls_are_gone_and_keep_their_values(page):
    names = "build.presets,build.notation,build.layers,build.optimizer,build.momentum,build.split"
    at = running(page("build", hide=names, **NETWORK))
    assert notice(at)
    assert not {"Start from a preset", "filters", "optimizer", "momentum", "nesterov"} & boxes(at)
    assert {"epochs", "learning_rate", "seed"} <= boxes(at)
    assert "**1 Conv2D** → 26 × 26 × 4 `C4`" in words(at)
    rate = next(box for box in at.number_input if box.label == "learning_rate")
    running(rate.set_value(0.2).run())
    assert address(at)["hide"] == names
    assert from_query({k: v for k, v in address(at).items() if k != "hide"}) == from_query(
        NETWORK | {"learning_rate": "0.2"}
    )


def test_all_settings_hidden_keep_all_values(page):
    every = ",".join(name for name in teacher_link.NAMES if name.startswith("build."))
    more = {"loss": "categorical_crossentropy", "label_smoothing": "0.1", "rotation": "10"}
    at = running(page("build", hide=every, **NETWORK, nesterov="True", **more, split="test"))
    assert boxes(at) == set()
    assert tabs(at) == []
    query = {k: v for k, v in address(at).items() if k != "hide"}
    assert from_query(query) == from_query(NETWORK | more | {"nesterov": "True", "split": "test"})
    assert not at.error


def test_a_preset_leaves_what_is_hidden_as_it_is(page):
    at = running(page("build", hide="build.optimizer,build.split", **NETWORK))
    running(at.selectbox(key="build_preset").select("note-2").run())
    made = from_query({key: value for key, value in address(at).items() if key != "hide"})
    assert made.network == presets.find("note-2").network
    assert made.training == from_query(NETWORK).training
    assert made.split == from_query(NETWORK).split
    running(at.button(key="hidden_show").click().run())
    running(at.selectbox(key="build_preset").select("note-3").run())
    assert from_query(address(at)) == presets.find("note-3")


def test_each_setting_can_be_hidden(page):
    names = {teacher_link._FOLLOWS.get(name, name) for name in HELP} - {"shift", "rotation", "zoom"}
    assert names <= set(teacher_link.PARTS["build"])
    assert set(Training.model_fields) - {"augmentation"} <= HELP.keys() | {"augmentation"}


def test_moves_and_a_refresh_keep_it(page):
    at = running(page("home", hide="build.seed,page.tune,look.fool", **NETWORK))
    for name in ("learn", "build"):
        at.query_params.clear()  # as a link in the sidebar does
        at.switch_page(f"../../pages/{name}.py")
        running(at.run())
        assert notice(at)
        assert address(at)["hide"] == "page.tune,build.seed,look.fool"
        assert address(at)["network"] == "C4 M F D8"
    assert "seed" not in boxes(at)
    again = boxes(running(page("build", **address(at))))
    assert "seed" not in again
    assert "momentum" in again


def test_show_everything_brings_all_back(page):
    at = running(page("build", hide="build.seed,page.tune,build.link", **NETWORK))
    assert notice(at)
    assert "seed" not in boxes(at)
    assert tabs(at) == ["Keras code"]
    running(at.button(key="hidden_show").click().run())
    assert not notice(at)
    assert "hide" not in address(at)
    assert "seed" in boxes(at)
    assert tabs(at) == ["Keras code", "Copy link"]
    running(at.run())
    assert "hide" not in address(at)
    assert address(at)["momentum"] == "0.9"


def test_a_hidden_page_says_so_and_home_leaves_it_out(page):
    at = running(page("tune", hide="page.tune,page.draw"))
    assert "Your teacher's link hides this page" in words(at)
    assert not at.tabs
    at.switch_page("../../pages/home.py")
    running(at.run())
    links = {link.proto.page for link in at.get("page_link")}
    assert links == {step.name for step in navigation.STEPS[1:]} - {"tune", "draw"}
    at.switch_page("../../pages/tune.py")
    running(at.run())
    running(at.button(key="hidden_page_show").click().run())
    assert at.title[0].value == "Tune"
    assert at.tabs


def test_every_hidden_page_answers(page):
    names = [name for name in teacher_link.NAMES if name.startswith("page.")]
    at = page("home", hide=",".join(names))
    assert not at.exception
    for name in teacher_link.PARTS["page"]:
        at.switch_page(f"../../pages/{name}.py")
        assert "hides this page" in words(running(at.run()))


@pytest.mark.parametrize("name", ["look", "tune", "results"])
def test_hidden_tabs_are_gone(page, name):
    examples.install()
    parts = teacher_link.PARTS[name]
    at = running(page(name))
    before = tabs(at)
    at.query_params["hide"] = ",".join(f"{name}.{part}" for part in list(parts)[:3])
    running(at.run())
    assert tabs(at) == [tab for tab in before if tab not in list(parts.values())[:3]]
    if name != "results":  # all tabs of the others can be hidden
        at.query_params["hide"] = ",".join(f"{name}.{part}" for part in parts)
        assert "hides all tabs of this page" in words(running(at.run()))
        assert list(parts.values()) == before


def test_a_link_to_a_hidden_tab_opens_another(page):
    at = running(page("tune", tune_tab="Repeat", hide="tune.repeat"))
    assert tabs(at) == ["Search", "Learning rate", "k-fold", "Hidden layers"]
    at.query_params.update({"tune_tab": "k-fold", "hide": "tune.folds"})  # in the same session
    assert "k-fold" not in tabs(running(at.run()))


def test_other_controls(page):
    examples.install()
    at = running(page("draw", draw_source="Upload"))
    assert "Upload" in at.segmented_control("draw_source").options
    at.segmented_control("draw_source").set_value("Upload").run()
    at.query_params["hide"] = "draw.upload,compare.delete,train.bring"
    running(at.run())
    assert at.segmented_control("draw_source").options == ["Draw", "Test image"]
    at.switch_page("../../pages/compare.py")
    assert "compare_delete" not in {button.key for button in running(at.run()).button}
    assert "compare_pin" in {button.key for button in at.button}
    at.switch_page("../../pages/train.py")
    assert not [box for box in running(at.run()).expander if "elsewhere" in box.label]


@pytest.mark.parametrize("asked", ["nonsense,build.seed", "\x00\x1b[2J\n" + ",x" * 5000])
def test_an_unknown_name_is_told_once(page, asked):
    at = running(page("build", hide=asked))
    assert "which the app does not know" in at.error[0].value
    assert len(at.error[0].value) < 400
    assert "\x00" not in at.error[0].value
    assert ("seed" in boxes(at)) == ("build.seed" not in asked)
    assert address(at).get("hide", "") in ("", "build.seed")
    assert not running(at.run()).error


def followed(query: dict[str, str]) -> tuple[set[str], teacher_link.HiddenError | None]:
    """What a new session that opens this address hides, and what it says; the address follows."""
    streamlit = SimpleNamespace(session_state={}, query_params=query)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(state, "st", streamlit)
        patch.setattr(parameters, "st", streamlit)
        error = teacher_link.read_address()
        return set(teacher_link.hidden()), error


@given(names=st.sets(st.sampled_from(sorted(teacher_link.NAMES))))
def test_any_subset_comes_back_as_it_was_asked(names):
    query = {"hide": ",".join(names)}
    assert followed(query) == (names, None)
    assert set(filter(None, query.get("hide", "").split(","))) == names
    assert followed(query) == (names, None)


@given(asked=st.text(max_size=300) | st.lists(st.text()).map(",".join))
@example("build.sed")
@example("page.home")
@example("*")
@example(" build.seed ,, ")
def test_whatever_stands_there_is_no_crash(asked):
    known, error = followed({"hide": asked})
    wanted = {name.strip() for name in asked.split(",")} - {""}
    assert known == wanted & teacher_link.NAMES.keys()
    assert bool(error) == bool(wanted - known)


def test_what_is_not_hidden_is_there(page):
    parts = list(teacher_link.PARTS["build"])[3:13]
    at = page("build", **NETWORK)
    for first in range(3):
        names = {f"build.{part}" for part in parts[first::3]}
        at.query_params["hide"] = ",".join(names)
        running(at.run())
        for part in parts:
            assert (part in boxes(at)) == (f"build.{part}" not in names)
        query = {key: value for key, value in address(at).items() if key != "hide"}
        assert from_query(query) == from_query(NETWORK)
