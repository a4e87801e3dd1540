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
from tests.helpers import running, words
from ui.session import address as parameters
from ui.session import cache, navigation, state, teacher_link

SETTINGS = {"epochs": "3", "optimizer": "sgd", "momentum": "0.9", "learning_rate": "0.05"}
NETWORK = {"network": "C4 M F D8", **SETTINGS}
AUGMENTATION = "Augmentation: small changes to every image"
TRANSFER = "Transfer learning: trained weights, chosen digits, your handwriting"


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
    return "Your teacher's link hides some parts." in words(at)


def tabs(at: AppTest) -> list[str]:
    return [tab.label for tab in at.tabs]


def expanders(at: AppTest) -> list[str]:
    return [box.label for box in at.expander]


def test_hidden_controls_are_gone_and_keep_their_values(page):
    names = "build.presets,build.notation,build.layers,build.split"
    at = running(page("build", hide=names, **NETWORK))
    assert notice(at)
    assert not {"Start from a preset", "filters of layer 1", "Validation images"} & boxes(at)
    assert {"epochs", "learning_rate", "seed", "momentum"} <= boxes(at)
    assert "**1 Conv2D** `C4`" in words(at)
    assert "26 × 26 × 4" in words(at)
    rate = next(box for box in at.number_input if box.label == "learning_rate")
    running(rate.set_value(0.2).run())
    assert address(at)["hide"] == names
    assert from_query({k: v for k, v in address(at).items() if k != "hide"}) == from_query(
        NETWORK | {"learning_rate": "0.2"}
    )


def test_hidden_panels_keep_all_values(page):
    every = ",".join(name for name in teacher_link.NAMES if name.startswith("build."))
    more = {"loss": "categorical_crossentropy", "label_smoothing": "0.1", "rotation": "10"}
    at = running(page("build", hide=every, **NETWORK, nesterov="True", **more, split="test"))
    assert boxes(at) == set()
    assert expanders(at) == []
    query = {k: v for k, v in address(at).items() if k != "hide"}
    assert from_query(query) == from_query(NETWORK | more | {"nesterov": "True", "split": "test"})
    assert not at.error


def test_a_preset_brings_all_of_it_where_settings_are_hidden(page):
    at = running(page("build", hide="build.training,build.split", **NETWORK))
    running(at.selectbox(key="build_preset").select("note-2").run())
    made = from_query({key: value for key, value in address(at).items() if key != "hide"})
    assert made == presets.find("note-2")


def test_augmentation_can_be_changed_where_the_training_settings_are_hidden(page):
    at = running(page("build", hide="build.training", rotation="10", **NETWORK))
    assert "epochs" not in boxes(at)
    assert expanders(at) == [AUGMENTATION, TRANSFER, "Keras code", "Copy link"]
    assert from_query({k: v for k, v in address(at).items() if k != "hide"}) == from_query(
        NETWORK | {"rotation": "10"}
    )


def test_moves_and_a_refresh_keep_it(page):
    at = running(page("home", hide="build.split,page.tune,look.fool", **NETWORK))
    for name in ("learn", "build"):
        at.query_params.clear()  # as a link in the sidebar does
        at.switch_page(f"../../pages/{name}.py")
        running(at.run())
        assert notice(at)
        assert address(at)["hide"] == "page.tune,build.split,look.fool"
        assert address(at)["network"] == "C4 M F D8"
    assert "Validation images" not in boxes(at)
    again = boxes(running(page("build", **address(at))))
    assert "Validation images" not in again
    assert "momentum" in again


def test_show_everything_brings_all_back(page):
    at = running(page("build", hide="build.training,page.tune,build.link", **NETWORK))
    assert notice(at)
    assert "seed" not in boxes(at)
    assert expanders(at) == [AUGMENTATION, TRANSFER, "Keras code"]
    running(at.button(key="hidden_show").click().run())
    assert not notice(at)
    assert "hide" not in address(at)
    assert "seed" in boxes(at)
    assert expanders(at) == [AUGMENTATION, TRANSFER, "Keras code", "Copy link"]
    running(at.run())
    assert "hide" not in address(at)
    assert address(at)["momentum"] == "0.9"


def test_a_hidden_page_says_so_and_home_leaves_it_out(page):
    at = running(page("tune", hide="page.tune,page.draw"))
    assert "Your teacher's link hides this page" in words(at)
    assert not at.tabs
    at.switch_page("../../pages/home.py")
    running(at.run())
    cards = {
        str(button.key).removeprefix("home_") for button in at.button
    } & navigation.BY_NAME.keys()
    assert cards == {step.name for step in navigation.STEPS[1:]} - {"tune", "draw"}
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
    count = 4 if name == "look" else 3
    at.query_params["hide"] = ",".join(f"{name}.{part}" for part in list(parts)[:count])
    running(at.run())
    gone = list(parts.values())[:count]
    if name == "look":  # the only view of its first tab, and three of the second one's
        gone = before[:1]
    assert tabs(at) == [tab for tab in before if tab not in gone]
    if name != "results":  # all tabs of the others can be hidden
        at.query_params["hide"] = ",".join(f"{name}.{part}" for part in parts)
        assert "hides all tabs of this page" in words(running(at.run()))
        assert name == "look" or list(parts.values()) == before


def test_a_link_to_a_hidden_tab_opens_another(page):
    at = running(page("tune", tune_tab="Repeat", hide="tune.repeat"))
    assert tabs(at) == ["Search", "Learning rate", "k-fold", "Hidden layers"]
    at.query_params.update({"tune_tab": "k-fold", "hide": "tune.folds"})  # in the same session
    assert "k-fold" not in tabs(running(at.run()))


def test_the_panel_of_train(page):
    assert [box for box in running(page("train")).expander if "Import" in box.label]
    at = running(page("train", hide="train.bring"))
    assert not [box for box in at.expander if "Import" in box.label]


@pytest.mark.parametrize(
    "asked",
    [
        "nonsense,build.split",
        "\x00\x1b[2J\n" + ",x" * 5000,
    ],
)
def test_an_unknown_name_is_told(page, asked):
    at = running(page("build", hide=asked, **NETWORK))
    assert "which the app does not know" in at.error[0].value
    assert len(at.error[0].value) < 400
    assert "\x00" not in at.error[0].value
    assert ("Validation images" in boxes(at)) == ("build.split" not in asked)
    assert "seed" in boxes(at)
    query = address(at)
    assert query.pop("hide", "") in ("", "build.split")
    assert from_query(query) == from_query(NETWORK)


def test_a_link_of_before_hides_what_still_can_be_hidden(page):
    at = running(page("build", hide="build.seed,build.split", **NETWORK))
    assert not at.error
    assert "seed" in boxes(at)
    assert "Validation images" not in boxes(at)


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
@example("build.seed")
@example("page.home")
@example("*")
@example(" build.split ,, ")
def test_whatever_stands_there_is_no_crash(asked):
    known, error = followed({"hide": asked})
    wanted = {name.strip() for name in asked.split(",")} - {""}
    assert known == wanted & teacher_link.NAMES.keys()
    assert bool(error) == bool(wanted - known - teacher_link.RETIRED)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("presets", "Start from a preset"),
        ("notation", "Short notation"),
        ("layers", "filters of layer 1"),
        ("training", "epochs"),
        ("split", "Validation images"),
    ],
)
def test_a_hidden_panel_hides_no_other(page, name, label):
    before = boxes(running(page("build", **NETWORK)))
    at = running(page("build", hide=f"build.{name}", **NETWORK))
    assert label in before - boxes(at)
    others = {"Start from a preset", "Short notation", "filters of layer 1", "epochs"}
    assert others - {label} <= boxes(at) <= before
    query = {key: value for key, value in address(at).items() if key != "hide"}
    assert from_query(query) == from_query(NETWORK)
