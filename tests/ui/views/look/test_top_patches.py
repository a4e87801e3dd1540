"""The view Top patches: nine images of a map with their frames; dead maps and networks without."""

from types import SimpleNamespace

import numpy as np
import pytest

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.engine.status import READY
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from tests.helpers import figure, running, words
from ui.session import cache

BEST = np.zeros((8, 9, 4), np.float32)
BEST[3, :, 0] = np.arange(9) + 20
BEST[3, :, 1:3] = (4, 10)
BEST[3, :, 3] = np.linspace(3, 2, 9)
BEST[4] = BEST[3]
FOUND = {"images": np.array(500), "conv2d_1": BEST, "conv2d_2": np.repeat(BEST, 2, axis=0)}


def maximized(question, run, image, layer, unit):
    """The computed picture; map 4 cannot rise above its first image."""
    assert question == "activation_maximization"
    assert np.array_equal(image, mnist.load().x_test[int(FOUND[layer][unit[2], 0, 0])])
    assert unit[:2] == (4, 10)
    picture = np.full((28, 28), 200, np.uint8)
    return {"picture": picture, "activation": np.float32(3 if unit[2] == 4 else 3.5)}


@pytest.fixture
def opened(page, monkeypatch):
    examples.install()
    monkeypatch.setattr(cache, "engine", lambda: SimpleNamespace(status=lambda: READY))
    monkeypatch.setattr(cache, "top_patches", lambda run: FOUND)
    monkeypatch.setattr(cache, "answer", maximized)
    return running(page("look", look_tab="Top patches"))


def test_the_strongest_map_comes_first_with_its_nine_images(opened):
    assert opened.number_input("look_patches_conv2d_1_map").value == 3
    shown = figure(opened, 0)["layout"]
    labels = mnist.load().y_test[20:29]
    assert [note["text"] for note in shown["annotations"]] == [
        *(f"{label}: {value:.2f}" for label, value in zip(labels, BEST[3, :, 3], strict=True)),
        "computed: 3.50",
    ]
    assert "raised the value from 3.00 to 3.50" in words(opened)
    assert "Of the first 500 test images" in words(opened)
    first, second = shown["shapes"][:2]
    assert (first["x1"] - first["x0"], first["y1"] - first["y0"]) == (3, 3)
    assert second["x0"] - first["x0"] == 30  # an image and a gap further
    queries = [link.proto.query_string for link in opened.get("page_link")]
    assert [query for query in queries if "image=20" in query]


def test_a_map_of_the_second_layer_has_a_larger_frame(opened):
    running(opened.segmented_control("look_patches_layer").set_value("conv2d_2").run())
    frame = figure(opened, 0)["layout"]["shapes"][0]
    assert frame["x1"] - frame["x0"] == 8  # 3 + 1 by pooling + 2 * 2


def test_a_map_whose_first_image_is_already_the_best(opened):
    running(opened.number_input("look_patches_conv2d_1_map").set_value(4).run())
    assert "found no picture with a higher value" in words(opened)


def test_a_dead_map_says_so(opened):
    running(opened.number_input("look_patches_conv2d_1_map").set_value(0).run())
    assert "is called **dead**" in words(opened)
    assert not opened.get("plotly_chart")


def test_a_network_without_convolutions_has_none(page, opened):
    run = Store().create_run(Spec(network=parse("F D16")))
    Store().update(run.id, state="finished", epochs=1, test_accuracy=0.9)
    at = running(page("look", look_tab="Top patches", run=str(run.id)))
    assert "This network has no convolution" in words(at)
