"""Learning from a class's handwriting on Build: the choice, the preset, and what is missing."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.engine import examples
from mnist_core.storage import handwriting
from mnist_core.storage.runs import Store
from tests.helpers import checked, click, words
from tests.mnist_core.digit_sets import sample
from ui.session import state

NETWORK = {"network": "C4 M F", "digits": "0-9", "split": "none", "limit": "1000"}


def write(*people: str) -> None:
    for number, person in enumerate(people):
        handwriting.add(Store(), person, number % 10, np.full((28, 28), number, np.uint8), b"")


def named(widgets, label: str):
    return next(w for w in widgets if w.label == label)


def train(at: AppTest) -> None:
    named(at.button, "Train this network").click().run()


@pytest.fixture
def class_of_four() -> None:
    write(*"aaabbbccccdd")


def opened(page, **more: str) -> AppTest:
    """The page with the panel of transfer learning open."""
    own = handwriting.choose_to_learn(Store())
    return checked(page("build", **NETWORK, handwriting=str(own), **more))


def test_the_handwriting_of_a_link_reaches_the_run(page, class_of_four):
    at = opened(page)
    own = handwriting.choose_to_learn(Store())
    assert named(at.selectbox, "Handwriting").value == ("", True)
    assert f"**{1000 + own.images:,} training images**" in words(at)
    train(at)
    made = Store().runs()[0]
    assert made.spec.split.handwriting == own
    assert made.name.startswith("C4 M F · our handwriting + MNIST · 1,000 images")


def test_every_set_is_offered_with_and_without_mnist(page, class_of_four):
    handwriting.add_set(Store(), "Last *year*", sample(40, 5))
    at = opened(page)
    box = named(at.selectbox, "Handwriting")
    assert box.options == [
        "None (default)",
        "Our class, with MNIST",
        "Our class, without MNIST",
        "Last *year*, with MNIST",
        "Last *year*, without MNIST",
    ]
    box.set_value(("Last *year*", False)).run()
    checked(at)
    assert "32 digits by 4 writers, and no MNIST image" in words(at)
    assert "32 digits by" in str(at.query_params["handwriting"])
    named(at.selectbox, "Handwriting").set_value(()).run()
    train(checked(at))
    assert Store().runs()[0].spec.split.handwriting is None


def test_a_choice_stays_while_others_write_until_the_newest_are_taken(page, class_of_four):
    at = opened(page)
    before = handwriting.choose_to_learn(Store())
    write(*"aabb")
    checked(at.run())
    assert named(at.selectbox, "Handwriting").value == ("", True)
    assert f"{before.images} digits by" in words(at)
    click(at, "Add the newest digits")
    after = handwriting.choose_to_learn(Store())
    assert after.images > before.images
    assert f"{after.images} digits by" in words(checked(at))
    assert not [b for b in at.button if b.label == "Add the newest digits"]
    train(at)
    assert Store().runs()[0].spec.split.handwriting == after


def test_a_set_of_one_writer_is_refused_beside_the_choice(page):
    write("a", "a")
    at = checked(page("build", **NETWORK))
    at.session_state[state.key(f"transfer{at.session_state['draft'].edition}", "transfer")] = True
    named(checked(at.run()).selectbox, "Handwriting").set_value(("", True)).run()
    assert any("needs at least 2 writers" in error.value for error in at.error)


def test_the_preset_starts_from_the_example_and_learns_from_the_class(page, class_of_four):
    examples.install()
    at = checked(page("build"))
    at.selectbox(key="build_preset").set_value("our-class").run()
    assert at.selectbox(key="build_preset").value == "our-class"
    train(checked(at))
    made = Store().runs()[0]
    example = next(run for run in Store().examples() if run.name == "note-5")
    assert made.spec.transfer is not None
    assert made.spec.transfer.source == example.weights_hash
    assert made.spec.split.handwriting == handwriting.choose_to_learn(Store())


def test_the_preset_says_that_too_few_have_written(page):
    examples.install()
    write("a")
    at = checked(page("build"))
    at.selectbox(key="build_preset").set_value("our-class").run()
    assert "needs at least two writers" in at.error[0].value
    assert named(at.button, "Train this network").disabled
    click(at, "Learn from MNIST alone")
    checked(at)
    train(at)
    assert Store().runs()[0].spec.split.handwriting is None


def test_digits_that_were_deleted_are_told_beside_the_ways_out(page, class_of_four):
    at = opened(page)
    handwriting.remove(Store(), handwriting.ids(Store()))
    at.run()
    assert "digits to learn from are missing" in at.error[0].value
    click(at, "Learn from MNIST alone")
    assert not checked(at).error
