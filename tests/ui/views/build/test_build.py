"""The page Build: it follows every edit, and leads out of what cannot work."""

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Button

from mnist_core.network.notation import parse, write
from mnist_core.network.optimizers import OPTIMIZERS, OWN_SETTINGS
from mnist_core.network.presets import PRESETS, find
from mnist_core.network.query import from_query
from mnist_core.network.summary import summarize
from mnist_core.storage.runs import Store
from tests.helpers import words
from ui.session import drafts, state
from ui.widgets import layer_editor


def metrics(at: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in at.metric}


def errors(at: AppTest) -> str:
    return "\n".join(error.value for error in at.error)


def button(at: AppTest, ending: str, which: int = 0):
    return [b for b in at.button if (b.key or "").endswith(ending)][which]


def opened(at: AppTest, layer: int) -> AppTest:
    """The page with all that a layer has, by its position from 0."""
    return next(b for b in at.button if f"**{layer + 1} " in b.label).click().run()


def number(at: AppTest, ending: str):
    return next(n for n in at.number_input if (n.key or "").endswith(ending))


def asked(at: AppTest) -> dict[str, str]:
    """What stands in the address; AppTest gives lists for what a test set."""
    query = at.query_params.items()
    return {key: value if isinstance(value, str) else value[0] for key, value in query}


def train_button(at: AppTest) -> Button:
    return next(b for b in at.button if b.label == "Train this network")


def check(at: AppTest, notation: str) -> None:
    """The page shows this network: its totals, in its address, in its code."""
    assert not at.exception
    summary = summarize(parse(notation))
    assert metrics(at)["Trainable parameters"] == f"{summary.trainable:,}"
    assert metrics(at)["Multiply-adds per image"] == f"{summary.multiply_adds:,}"
    assert asked(at)["network"] == notation


def test_it_begins_with_a_network_that_works(page):
    at = page("build")
    check(at, "C8 M C16 M F D64 Drop0.2")
    assert "48,000 training images" in words(at)
    assert "375 steps per epoch" in words(at)
    assert "27,562" in metrics(at)["Trainable parameters"]  # as course note 5 reports


@pytest.mark.parametrize("name", [p.name for p in PRESETS.values() if not p.source])
def test_every_preset_can_be_chosen(page, name):
    at = page("build")
    at.selectbox(key="build_preset").set_value(name).run()
    assert not at.exception
    assert from_query(asked(at)) == find(name)
    assert not at.error


def test_a_link_brings_network_and_settings_back(page):
    at = page("build", network="C4 M F D8", optimizer="sgd", momentum="0.9", epochs="3")
    check(at, "C4 M F D8")
    assert number(at, "_momentum").value == 0.9
    assert number(at, "_epochs").value == 3


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"network": "hello world"}, "not a layer of the notation"),
        ({"network": "F", "epochs": "0"}, "must be greater than or equal to 1; received '0'"),
        ({"network": "F", "colour": "red"}, "'colour'"),
        ({"network": "X9", "image": "7"}, "neither a preset"),
    ],
)
def test_a_broken_link_is_explained_and_the_page_works(page, query, sentence):
    at = page("build", **query)
    assert not at.exception
    assert sentence in errors(at)
    assert at.title[0].value == "Build a network"
    number(at, "_epochs").set_value(2).run()
    assert not at.error


def test_the_notation_replaces_the_layers(page):
    at = page("build")
    at.text_input(key="build_notation").set_value("c5k5same a gap").run()
    check(at, "C5k5same A GAP")
    at.text_input(key="build_notation").set_value("C5 nonsense").run()
    assert "'nonsense'" in errors(at)
    check(at, "C5k5same A GAP")  # nothing is lost


def test_the_box_of_presets_says_what_the_network_is(page):
    at = page("build", network="note-5")
    box = at.selectbox(key="build_preset")
    assert (box.value, "changed" in box.options) == ("note-5", False)
    number(at, "_filters").set_value(9).run()
    box = at.selectbox(key="build_preset")
    assert box.value == "changed"
    assert box.options[0] == "note-5 (edited)"
    box.set_value("note-5").run()  # the same one again restores it
    assert from_query(asked(at)) == find("note-5")
    number(at, "_epochs").set_value(3).run()  # a setting counts too
    assert at.selectbox(key="build_preset").value == "changed"
    number(at, "_epochs").set_value(find("note-5").training.epochs).run()
    assert at.selectbox(key="build_preset").value == "note-5"


def test_a_network_of_ones_own_is_no_edited_preset(page):
    at = page("build", network="note-5")
    at.text_input(key="build_notation").set_value("C2 F").run()
    assert at.selectbox(key="build_preset").value is None


def test_the_box_of_the_notation_follows_every_edit_and_keeps_what_it_cannot_read(page):
    at = page("build", network="C4 M F D8")
    assert at.text_input(key="build_notation").value == "C4 M F D8"
    number(at, "_filters").set_value(12).run()
    assert at.text_input(key="build_notation").value == "C12 M F D8"
    at.text_input(key="build_notation").set_value("C5 nonsense").run()
    assert at.text_input(key="build_notation").value == "C5 nonsense"
    at.text_input(key="build_notation").set_value("C12 M F D8").run()  # as the layers are
    assert at.text_input(key="build_notation").value == "C12 M F D8"
    number(at, "_filters").set_value(6).run()
    assert at.text_input(key="build_notation").value == "C6 M F D8"


def test_an_empty_box_of_the_notation_leaves_the_layers_alone(page):
    at = page("build", network="C4 M F D8")
    at.text_input(key="build_notation").set_value("C8 M F").run()
    at.text_input(key="build_notation").set_value(" ").run()
    assert not at.exception
    assert at.query_params["network"] == "C8 M F"


def test_layers_are_edited_moved_removed_and_added(page):
    at = page("build", network="C4 M F D8")
    number(at, "_filters").set_value(12).run()
    check(at, "C12 M F D8")
    button(opened(at, 0), "_Down").click().run()
    check(at, "M C12 F D8")
    button(at, "_Up").click().run()  # it is still open
    check(at, "C12 M F D8")
    assert button(at, "_Up").disabled
    button(opened(at, 1), "_Remove").click().run()
    check(at, "C12 F D8")
    at.selectbox(key="build_add").select("MaxPooling2D").run()
    check(at, "C12 M F D8")
    assert at.selectbox(key="build_add").value is None


@pytest.mark.parametrize(
    ("notation", "kind", "becomes"),
    [
        ("C12 F D8", "MaxPooling2D", "C12 M F D8"),
        ("C12 GAP", "Conv2D", "C12 C16 GAP"),
        ("C12 F D8", "Dropout", "C12 F D8 Drop0.2"),
        ("F", "Dense", "F D64"),
    ],
)
def test_a_layer_is_added_where_it_works(notation, kind, becomes):
    draft = drafts.Draft()
    draft.replace_layers(parse(notation).layers)
    layer_editor.add_layer(draft, kind)
    assert write(draft.spec().network) == becomes


def test_what_cannot_work_says_why_and_one_click_mends_it(page):
    at = page("build", network="C4 M F D8")
    button(opened(at, 2), "_Remove").click().run()  # Flatten
    assert "needs a vector" in errors(at)
    assert train_button(at).disabled
    assert "see layer 3 above" in words(at)
    button(at, "build_repair_0").click().run()
    assert not at.error
    check(at, "C4 M F D8")


def test_a_network_over_the_limits_is_refused_with_a_mend(page):
    at = page("build", network="F D64")
    number(at, "_units").set_value(4096).run()
    assert "at most 2,000,000 parameters" in errors(at)
    assert "parameters 3,256,330 → 847,882" in words(at)
    assert "28 × 28 × 1 → 14 × 14 × 1" in words(at)
    button(at, "build_repair_0").click().run()
    check(at, "M F D4096")


@pytest.mark.parametrize(
    ("ending", "given", "sentence"),
    [
        (
            "_kernel_size",
            999,
            "kernel_size of layer 1 must be between 1 and 28; received 999. The value stays 3.",
        ),
        ("_epochs", 0, "epochs must be between 1 and 1,000; received 0. The value stays 10."),
        ("_limit", 1, "limit must be between 10 and 60,000; received 1. The value stays empty."),
        ("_learning_rate", 11.0, "learning_rate must be between 1e-06 and 10; received 11. The"),
        (
            "_rate",
            -0.1,
            "rate of layer 7 must be between 0 and 0.95; received -0.1. The value stays 0.2.",
        ),
    ],
)
def test_a_number_out_of_its_range_is_refused_in_words_beside_its_field(
    page, ending, given, sentence
):
    at = page("build")
    before = number(at, ending).value, asked(at)
    number(at, ending).set_value(given).run()
    assert not at.exception
    assert sentence in errors(at)
    assert (number(at, ending).value, asked(at)) == before
    at.run()
    assert not at.error  # once
    number(at, "_filters").set_value(9).run()
    check(at, "C9 M C16 M F D64 Drop0.2")


def test_settings_that_belong_to_another_are_shown_only_with_it(page):
    at = page("build")
    assert not [n for n in at.number_input if (n.key or "").endswith("_momentum")]
    optimizer = next(s for s in at.selectbox if (s.key or "").endswith("_optimizer"))
    optimizer.set_value("sgd").run()
    number(at, "_momentum").set_value(0.9).run()
    assert not at.error
    assert asked(at)["momentum"] == "0.9"


def test_a_split_that_leaves_nothing_is_refused(page):
    at = page("build", network="F", count="5000", limit="6000")
    number(at, "_limit").set_value(2000).run()
    assert not at.exception
    assert "must leave some images for training" in errors(at)


def test_a_refused_split_is_not_trained_with_another_one(page):
    at = page("build", network="F", count="5000", limit="6000")
    number(at, "_limit").set_value(2000).run()
    assert train_button(at).disabled
    assert "see the red message above" in words(at)


def test_settings_that_exclude_each_other_are_told_and_mended(page):
    at = page("build", network="F", early_stopping="2")
    split = next(s for s in at.selectbox if (s.key or "").endswith("_split"))
    split.set_value("none").run()
    assert "this split keeps no validation images" in errors(at)
    next(b for b in at.button if b.label == "Turn off early stopping").click().run()
    assert not at.error
    assert asked(at)["split"] == "none"


@pytest.mark.parametrize(
    "query",
    [
        {"network": "F Drop0.99"},
        {"network": "F", "learning_rate": "1e-9"},
        {"network": "F", "optimizer": "sgd", "momentum": "0.9999"},
        {"network": "F", "split": "fraction", "fraction": "0.001"},
        {"network": "F", "loss": "categorical_crossentropy", "label_smoothing": "0.97"},
    ],
)
def test_what_the_spec_allows_the_boxes_show(page, query):
    at = page("build", **query)
    assert not at.exception
    assert not at.error


def test_a_link_to_layers_that_cannot_work_is_for_mending(page):
    at = page("build", network="C4 M")
    assert "needs a vector" in errors(at)
    button(at, "build_repair_0").click().run()
    check(at, "C4 M F")


def test_the_cards_follow_an_edit_at_once(page):
    at = page("build", network="C4 M F D8")
    number(at, "_filters").set_value(12).run()
    assert "26 × 26 × 12" in words(at)


def test_train_this_network_queues_a_run(page):
    at = page("build", network="F D8", epochs="2")
    train_button(at).click().run()
    assert not at.exception
    assert at.title[0].value == "Train"
    run = Store().runs()[0]
    assert (run.state, run.spec.network, run.planned) == ("queued", parse("F D8"), 2)
    assert run.parameters == summarize(parse("F D8")).parameters


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_an_optimizer_has_a_widget_for_each_of_its_settings(page, name):
    at = page("build")
    at.selectbox[[box.label for box in at.selectbox].index("optimizer")].set_value(name).run()
    assert not at.exception
    labels = {widget.label for widget in (*at.number_input, *at.toggle)}
    own = {*OPTIMIZERS[name].settings} - {"nesterov"}  # which needs momentum
    assert labels & {*OWN_SETTINGS} == own
    assert asked(at).get("optimizer", "adam") == name


def opened_augmentation(page, **query: str) -> AppTest:
    """The page with its expander of augmentation open."""
    at = page("build", network="F", **query)
    at.session_state[state.key(f"set{at.session_state['draft'].edition}", "augmentation")] = True
    return at.run()


def pictures(at: AppTest) -> list[str]:
    return [picture.proto.imgs[0].url for picture in at.get("image")]


def test_augmentation_shows_twelve_variants_of_a_digit_and_of_the_next(page, engine):
    at = opened_augmentation(page, rotation="30")
    assert not at.exception
    first = pictures(at)
    assert len(first) == len({*first}) == 12
    button(at, "build_another_digit").click().run()
    assert not {*first} & {*pictures(at)}
    rotation = next(slider for slider in at.slider if slider.label == "rotation")
    rotation.set_value(0.0).run()
    assert len(pictures(at)) == 1
    assert "rotation" not in asked(at)


def test_augmentation_says_when_the_engine_cannot_show_variants(page):
    assert "there is no answer yet" in errors(opened_augmentation(page, shift="2")).lower()
