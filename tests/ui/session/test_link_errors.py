"""What is wrong with a link is said until its page is left or the network edited."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.helpers import running
from ui.charts.layers import KINDS
from ui.session import drafts


def errors(at: AppTest) -> str:
    return "\n".join(error.value for error in at.error)


@pytest.mark.parametrize(
    ("name", "query", "says"),
    [
        ("build", {"network": "Bogus"}, "shows another network: 'Bogus' is neither"),
        ("build", {"network": "C8 M F D64", "limit": "5000"}, "received count=10000 of 5000"),
        ("train", {"network": "C8 F", "epochs": "banana"}, "received 'banana'"),
        ("build", {"foo": "1"}, "received 'foo'"),
        ("home", {"hide": "nonsense"}, "received 'nonsense'"),
        ("look", {"image": "77777"}, "must be a test image, from 0 to 9,999; received '77777'"),
    ],
)
def test_it_stays_when_the_page_is_drawn_again_and_goes_with_the_page(page, name, query, says):
    at = running(page(name, **query))
    assert says in errors(at)
    running(at.run())
    assert errors(at).count(says) == 1
    at.query_params.clear()  # as a link in the sidebar does
    at.switch_page("../../pages/data.py")
    running(at.run())
    assert not at.error


def test_it_goes_when_the_network_is_edited(page):
    at = running(page("build", network="Bogus"))
    assert "Bogus" in errors(at)
    next(box for box in at.number_input if box.label == "filters of layer 1").set_value(9).run()
    assert not running(at).error


def test_it_stays_where_a_lesson_brings_its_own_network(page):
    at = running(page("build", hide="build.typo", lesson="first-network"))
    assert "received 'build.typo'" in errors(at)
    assert "received 'build.typo'" in errors(running(at.run()))


@pytest.mark.parametrize("kind", [None, *KINDS])
def test_layers_that_make_no_network_are_written_and_read_again(page, kind):
    layers = () if kind is None else (KINDS[kind].new,)
    at = running(page("build", network="C4 F", epochs="3"))
    at.session_state[drafts._DRAFT].replace_layers(layers)
    at.run()
    query = {
        name: value if isinstance(value, str) else value[0]  # AppTest gives lists for what it set
        for name, value in at.query_params.items()
    }
    assert query["epochs"] == "3"
    again = page("build", **query)
    assert not again.exception
    draft = again.session_state[drafts._DRAFT]
    assert tuple(layer for _, layer in draft.layers) == layers
    assert draft.training.epochs == 3
    assert "cannot be used" not in errors(again)


def test_a_training_image_of_the_page_data_is_no_error(page):
    at = running(page("data", set="train", image="59999"))
    assert "another image is shown" not in errors(at)
