"""The data page shows what the data set holds."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.network.spec import Split
from tests.helpers import MAIN_SCRIPT, words
from ui.session import drafts

SECTIONS = ("One image", "Many images", "Gray levels", "Typical images", "Labels")


def open_page(section: str = "One image", split: Split | None = None, **query: str) -> AppTest:
    """The page, as a link opens it, at one of its sections."""
    at = AppTest.from_file(MAIN_SCRIPT, default_timeout=20)
    at.run()
    at.switch_page("../../pages/data.py")
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    if split is not None:
        draft = at.session_state[drafts._DRAFT]
        draft.split = split
        at.run()
    if section != "One image":
        at.session_state["data_tab"] = section
        at.run()
    assert not at.exception
    return at


def captions(at: AppTest) -> list[str]:
    return [image.caption for element in at.get("image") for image in element.proto.imgs]


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_opens_without_complaint(section):
    at = open_page(section)
    assert at.title[0].value == "The data"
    assert not at.error
    assert ("Your split" in words(at)) == (section != "One image")


def test_a_link_shows_its_image():
    at = open_page(set="test", image="42")
    assert f"Its label says **{mnist.load().y_test[42]}**" in words(at)


def test_the_index_and_the_set_choose_the_image():
    at = open_page()
    at.number_input(key="image").set_value(7_777).run()
    assert "Its label says **8**" in words(at)
    at.segmented_control(key="set").set_value("test").run()
    assert f"**{mnist.load().y_test[7_777]}**" in words(at)


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("data_example_training_50", "Image 50 of the training set. Its label says **3**"),
        ("data_example_training_7777", "Image 7,777 of the training set. Its label says **8**"),
        ("data_example_test_0", "Image 0 of the test set. Its label says **7**"),
    ],
)
def test_the_images_of_the_notes_are_one_click_away(key, said):
    at = open_page(set="test", image="42")
    assert said in words(at.button(key).click().run())


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"image": "60000"}, "The training set holds images 0 to 59,999; received index 60,000"),
        ({"set": "test", "image": "-1"}, "The test set holds images 0 to 9,999"),
        ({"image": "abc"}, "Image must be a whole number from 0; received 'abc'"),
        ({"image": "1e400"}, "Image must be a whole number"),
        ({"set": "bogus"}, "Set must be training or test; received 'bogus'"),
    ],
)
def test_a_link_to_no_image_gets_a_sentence(query, sentence):
    at = open_page(**query)
    assert len(at.error) == 1
    assert at.error[0].value.startswith(sentence)


def test_the_balance_table_counts_the_chosen_split():
    at = open_page("Labels", Split(kind="last", count=500, limit=2000))
    labels = mnist.load().y_train
    table = at.dataframe[0].value.set_index("part")
    digits = [str(digit) for digit in range(10)]
    assert list(table.loc["training", digits]) == np.bincount(labels[:1500]).tolist()
    assert list(table.loc["validation", digits]) == np.bincount(labels[1500:2000]).tolist()
    assert table["all"].tolist() == [1500, 500, 10_000]


def test_the_chosen_split_is_named_and_a_part_without_images_is_not_offered():
    at = open_page("Many images", Split(kind="none"))
    assert "60,000 images for training, none for validation" in words(at)
    assert at.segmented_control(key="data_part").options == ["training", "test"]


def test_a_part_that_the_new_split_lacks_is_left():
    at = open_page("Many images")
    at.segmented_control(key="data_part").set_value("validation").run()
    at.session_state[drafts._DRAFT].split = Split(kind="none")
    at.run()
    assert not at.exception
    assert at.segmented_control(key="data_part").value == "training"


def test_samples_of_one_digit_are_of_that_digit():
    at = open_page("Many images")
    at.selectbox(key="data_digit").set_value("4").run()
    shown = captions(at)
    assert len(shown) == 36
    labels = mnist.load().y_train
    for caption in shown:
        label, index = caption.split()
        assert label == "**4**"
        assert labels[int(index)] == 4
    at.number_input(key="data_seed").set_value(1).run()
    assert captions(at) != shown


def test_choices_survive_another_page():
    at = open_page("Typical images")
    at.segmented_control(key="data_class").set_value(2).run()
    at.switch_page("../../pages/home.py").run()
    at.switch_page("../../pages/data.py").run()
    assert "Most typical" in words(at)
    assert at.segmented_control(key="data_class").value == 2


def test_a_label_is_shown_as_one_hot():
    at = open_page("Labels")
    at.segmented_control(key="data_label").set_value(9).run()
    assert at.code[0].value == "[0, 0, 0, 0, 0, 0, 0, 0, 0, 1]"


def test_the_extremes_of_a_digit_are_shown_and_may_be_looked_up():
    at = open_page("Typical images", Split(kind="none"))
    shown = [caption.split() for caption in captions(at)[10:]]  # after the ten means
    distances = [float(words[0].strip("*")) for words in shown]
    assert len(shown) == 16
    assert distances[:8] == sorted(distances[:8])
    assert distances[8:] == sorted(distances[8:], reverse=True)
    assert {int(mnist.load().y_train[int(words[1])]) for words in shown} == {7}
