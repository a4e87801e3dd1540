"""The idea A short history: each network leads to Build; three questions about one image."""

from collections.abc import Callable
from urllib.parse import unquote_plus

import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.network.notation import parse
from mnist_core.network.query import from_query
from mnist_core.teaching.concepts.history import MILESTONES
from tests.helpers import checked, words
from ui.charts.ideas import history


@pytest.mark.parametrize("milestone", MILESTONES, ids=lambda one: one.name)
def test_each_network_is_told_and_leads_to_build(page: Callable[..., AppTest], milestone):
    at = page("learn", idea="history")
    title = f"{milestone.name}, {milestone.year}"
    at.button_group("idea_history_network").set_value(title)
    said = words(checked(at.run()))
    assert milestone.brought in said
    assert milestone.parameters in said
    query = next(
        link.proto.query_string
        for link in at.get("page_link")
        if link.proto.label == "Open this network in Build"
    )
    network = unquote_plus(query.removeprefix("network="))
    assert from_query({"network": network}).network == parse(milestone.near)


def test_the_three_questions_are_about_the_chosen_image():
    image = mnist.load().x_test[0]
    figure = history.questions(image, 7)
    assert [note.text for note in figure.layout.annotations] == [
        "classification: a 7", "detection", "segmentation",
    ]  # fmt: skip
    assert [trace.z.shape for trace in figure.data] == [(28, 28)] * 3
    assert figure.data[2].z.sum() == (image >= 128).sum()
    box, ink = figure.layout.shapes[0], (image >= 128).nonzero()
    assert (box.y0, box.y1) == (ink[0].min() - 0.5, ink[0].max() + 0.5)
    assert (box.x0, box.x1) == (ink[1].min() - 0.5, ink[1].max() + 0.5)
