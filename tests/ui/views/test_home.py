"""The home page: a sheet to try, a way in for newcomers, the last runs for others."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_core.engine import examples
from mnist_core.engine.status import READY
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from ui.session import cache, navigation


def test_a_newcomer_is_led_to_the_images(page):
    examples.install()
    at = page("home")
    assert not at.exception
    assert at.title[0].value == "MNIST, understood"
    assert list(at.dataframe[0].value["Network"]) == [
        "C8 M C16 M F D64 Drop0.2",
        "C16k5 M C48 M F D64",
    ]
    at.button(key="home_next").click().run()
    assert not at.exception
    assert at.title[0].value == "The data"


def test_the_last_runs_are_listed_with_their_results(page):
    store = Store()
    run = store.create_run(Spec(network=parse("F D8")), "mine")
    store.update(run.id, state="finished", epochs=5, test_accuracy=0.987, test_loss=0.04)
    at = page("home")
    assert not at.exception
    row = at.dataframe[0].value.iloc[0]
    assert row["Test result"] == "98.70\u00a0%: 130 wrong of 10,000"
    assert row["Parameters"] == 6_370
    assert "Draw" in at.button(key="home_next").label


def test_what_is_drawn_is_read_at_once_by_the_best_example(page, monkeypatch):
    examples.install()
    asked = []

    def probabilities(workspace, run, images):
        asked.append(run.name)
        return np.eye(10, dtype=np.float32)[[7]]

    engine = SimpleNamespace(status=lambda: READY, probabilities=probabilities)
    monkeypatch.setattr(cache, "engine", lambda: engine)
    picture, file = Image.new("L", (560, 560)), io.BytesIO()
    ImageDraw.Draw(picture).line([(140, 120), (420, 120), (250, 480)], fill=255, width=40)
    picture.save(file, "PNG")
    drawn = SimpleNamespace(json_data={"objects": [{}]}, image_bytes=file.getvalue())
    sheet = SimpleNamespace(st_canvas=lambda **_: drawn)
    monkeypatch.setitem(sys.modules, "streamlit_drawable_canvas", sheet)
    at = page("home")
    assert not at.exception
    assert asked == ["fast"]
    assert "This is a 7" in at.get("plotly_chart")[0].proto.alt


@pytest.mark.parametrize("step", navigation.STEPS[1:], ids=lambda step: step.name)
def test_every_card_leads_to_its_page(page, step):
    at = page("home").button(key=f"home_{step.name}").click().run()
    assert at.title[0].value != "MNIST, understood"


def test_a_page_that_a_teacher_hides_has_no_card(page):
    cards = {button.key for button in page("home", hide="page.tune").button}
    assert "home_tune" not in cards
    assert "home_build" in cards
