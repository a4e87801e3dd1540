"""The views Saliency and Adversarial examples: against a linear network, and the real engine."""

import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.engine.engine import EngineError
from mnist_core.engine.status import READY
from mnist_core.network.notation import parse
from mnist_core.network.spec import Spec
from mnist_core.storage.runs import Store
from mnist_core.utils.errors import InsightError
from tests.helpers import figure, running, words
from ui.charts import saliency as charts
from ui.session import cache
from ui.views.look import input_image
from ui.views.look import saliency as text
from ui.views.look.saliency import FACTS
from ui.widgets.canvas import Digit

MAPS = np.random.default_rng(0).normal(size=(10, 28, 28)).astype(np.float32)


class Linear:
    """A network of one layer that reads the nearest of ten mean digits, in place of a worker."""

    def __init__(self) -> None:
        data = mnist.load()
        means = [data.x_train[data.y_train == digit].mean(axis=0) for digit in range(10)]
        self.kernel = np.array(means).reshape(10, 784).T / 255 / 4
        self.bias = -2 * (self.kernel**2).sum(axis=0)
        self.answers = {
            "occlusion": {"maps": MAPS / 10, "stride": np.array(1)},
            "grad_cam": {"maps": np.abs(MAPS), "coarse": np.ones((10, 11, 11))},
            "integrated_gradients": {
                "maps": MAPS,
                "difference": np.linspace(-20, 20, 10),
                "steps": np.array(64),
            },
        }

    def probabilities(self, _run, images):
        powers = np.exp(images.reshape(-1, 784) / 255 @ self.kernel + self.bias)
        return powers / powers.sum(axis=1, keepdims=True)

    def look(self, question, run, image) -> Any:
        if question != "gradient":
            return self.answers[question]
        share = self.probabilities(run, image[None])
        return ((share - np.eye(10)) @ self.kernel.T).reshape(10, 28, 28)

    def status(self):
        return READY


@pytest.fixture
def linear(monkeypatch) -> Linear:
    examples.install()
    made = Linear()
    monkeypatch.setattr(cache, "engine", lambda: made)
    monkeypatch.setattr(cache, "probabilities", made.probabilities)
    monkeypatch.setattr(cache, "answer", made.look)
    return made


def open_tab(page, tab: str, **state) -> AppTest:
    at = page("look")
    at.query_params["look_tab"] = tab
    for key, value in state.items():
        at.session_state[key] = value
    return running(at.run())


def names(at: AppTest) -> list[str]:
    """What stands above the ten maps."""
    return [words["text"] for words in figure(at, 0)["layout"]["annotations"]]


def ends(at: AppTest) -> tuple[float, float]:
    """Those of the color bar of the ten maps."""
    marker = figure(at, 0)["data"][-1]["marker"]
    return marker["cmin"], marker["cmax"]


def test_ten_maps_with_their_probabilities(page, linear):
    at = open_tab(page, "Saliency")
    assert not at.error
    shares = linear.probabilities(None, mnist.load().x_test[:1])[0]
    shown = names(at)
    for digit, share in enumerate(shares):
        percent = 100 * share
        short = "under 1 %" if percent < 1 else "over 99 %" if percent > 99 else f"{percent:.0f} %"
        assert shown[digit].startswith(f"<b>{digit}</b> {short}<br>")
    assert ["read" in name for name in shown] == (shares == shares.max()).tolist()
    assert ["true" in name for name in shown] == (np.arange(10) == 7).tolist()
    low, high = ends(at)
    assert high == -low == pytest.approx(np.abs(MAPS).max() / 10)
    assert "*true* the label" in words(at)
    assert text.scale(text.METHODS["Occlusion"], np.abs(MAPS).max() / 10) in words(at)


def test_what_covering_costs_a_chosen_class(page, linear):
    at = open_tab(page, "Saliency")
    running(at.pills("look_saliency_class").set_value(3).run())
    row, column = np.argwhere(MAPS[3] == MAPS[3].max())[0]
    assert f"Covering row {row}, column {column} costs the 3 most" in words(at)
    chosen = figure(at, 1)["data"][0]
    assert (chosen["zmin"], chosen["zmax"]) == ends(at)
    running(at.number_input("look_image").set_value(1).run())
    read = linear.probabilities(None, mnist.load().x_test[1:2])[0].argmax()
    assert at.pills("look_saliency_class").value == read


def test_integrated_gradients_say_whether_they_add_up(page, linear):
    at = open_tab(
        page, "Saliency", look_saliency_method="Integrated gradients", look_saliency_class=0
    )
    running(at.pills("look_saliency_class").set_value(0).run())
    total = MAPS[0].sum()
    signed = f"{total:+.2f}".replace("-", "−")
    assert f"for 0 add up to {signed}; from black paper" in words(at)
    assert f"its logit falls by 20.00. The difference of {total + 20:.2g} comes" in words(at)
    assert "in 64 steps" in words(at)


def test_grad_cam_has_no_lower_half(page, linear):
    at = open_tab(page, "Saliency", look_saliency_method="Grad-CAM")
    assert "11 × 11 places" in words(at)
    assert ends(at)[0] == 0


@pytest.mark.parametrize("tab", ["Saliency", "Adversarial examples"])
@pytest.mark.parametrize("error", [InsightError("Grad-CAM needs one"), EngineError("it is away")])
def test_what_cannot_be_answered_is_a_sentence(page, linear, monkeypatch, tab, error):
    def refuse(*_):
        raise error

    monkeypatch.setattr(cache, "answer", refuse)
    at = open_tab(page, tab)
    assert str(error)[1:] in at.error[0].value
    assert not at.get("plotly_chart")


@pytest.mark.parametrize("tab", ["Saliency", "Adversarial examples"])
def test_a_drawing_has_no_true_label(page, linear, monkeypatch, tab):
    monkeypatch.setattr(input_image, "choose", lambda: Digit(mnist.load().x_test[5]))
    at = open_tab(page, tab)
    assert not at.error
    assert "*true* the label" not in words(at)
    assert all("true" not in name for name in names(at))


@pytest.mark.parametrize("tab", ["Saliency", "Adversarial examples"])
def test_without_an_image_nothing_is_asked(page, linear, monkeypatch, tab):
    monkeypatch.setattr(input_image, "choose", lambda: None)
    assert not open_tab(page, tab).get("plotly_chart")


def pushed(linear: Linear, image: np.ndarray, label: int, goal: int | None) -> np.ndarray:
    """The image at all sizes, once more in NumPy."""
    slope = linear.look("gradient", None, image)
    step = np.sign(slope[label] if goal is None else -slope[goal])
    sizes = np.arange(81)[:, None, None]
    return np.clip(image.astype(float) + sizes * step, 0, 255)


@pytest.mark.parametrize("goal", [None, 9])
def test_the_smallest_size_and_the_one_on_the_slider(page, linear, goal):
    way = "Away from its digit" if goal is None else "Toward another digit"
    at = open_tab(page, "Adversarial examples", look_fool_way=way)
    if goal is not None:
        running(at.selectbox("look_fool_goal_7").set_value(goal).run())
    images = pushed(linear, mnist.load().x_test[0], 7, goal)
    read = linear.probabilities(None, images).argmax(axis=1)
    smallest = int(np.flatnonzero(read != 7 if goal is None else read == goal)[0])
    assert smallest > 0
    assert f"**At {smallest} of 255 gray levels it first reads a {read[smallest]}**" in words(at)
    assert at.slider("look_fool_size").value == smallest
    running(at.slider("look_fool_size").set_value(35).run())
    assert f"{(images[35] != images[0]).sum()} of 784 pixels moved" in words(at)
    assert f"**With a change of 35 it reads a {read[35]}**" in words(at)
    assert figure(at, 2)["layout"]["shapes"][0]["x0"] == 35
    running(at.slider("look_fool_size").set_value(0).run())
    assert "it reads a 7**" in words(at)
    assert "0 of 784 pixels moved: the size of the change is 0." in words(at)
    assert "moved: the others" not in words(at)
    running(at.segmented_control("look_fool_way").set_value("Toward another digit").run())
    assert at.slider("look_fool_size").value == 0  # moved for this image
    running(at.number_input("look_image").set_value(2).run())
    assert at.slider("look_fool_size").value != 0


def test_a_goal_out_of_reach(page, linear, monkeypatch):
    never = np.tile(np.eye(10)[7], (81, 1))
    monkeypatch.setattr(cache, "probabilities", lambda _run, images: never[: len(images)])
    at = open_tab(page, "Adversarial examples")
    assert "It still reads a 7 at any size up to 80 of 255 gray levels" in words(at)
    assert at.slider("look_fool_size").value == 20


def test_a_network_without_a_convolution_is_not_asked_for_grad_cam(page, linear, monkeypatch):
    run = Store().create_run(Spec(network=parse("F D8")))
    Store().update(run.id, state="finished", test_accuracy=0.95)
    asked = []
    monkeypatch.setattr(cache, "answer", lambda question, *_: asked.append(question))
    at = open_tab(page, "Saliency", look_saliency_method="Grad-CAM")
    assert "grad_cam" not in asked
    assert "this network has none. Choose occlusion or" in at.info[0].value
    assert not at.error


def test_an_image_that_is_misread_as_it_is(page, linear):
    data = mnist.load()
    read = linear.probabilities(None, data.x_test).argmax(axis=1)
    row = int(np.flatnonzero(read != data.y_test)[0])
    at = open_tab(page, "Adversarial examples", look_image=row)
    article = "an" if read[row] == 8 else "a"
    assert f"**It reads {article} {read[row]} before anything is changed**" in words(at)


def test_the_change_is_what_was_added():
    image = np.full((28, 28), 250, np.uint8)
    changed = image.copy()
    changed[0, 0], changed[1, 1] = 255, 239
    made = charts.change(image, changed, "light")
    _, added, after = (trace["z"] for trace in made.data)
    assert (added[0, 0], added[1, 1], np.count_nonzero(added)) == (5, -11, 2)
    assert (after == changed).all()
    assert made.layout["annotations"][1]["text"] == "+ the change, −11 to +11"


def test_facts_of_a_class_that_nothing_speaks_for():
    nothing = {"maps": np.zeros((10, 28, 28)), "stride": np.array(4), "coarse": np.ones((10, 3, 3))}
    shares = np.full(10, 0.1)
    assert "moves 4 pixels at a time" in FACTS["Occlusion"](nothing, 4, shares)
    assert "There is no place" in FACTS["Occlusion"](nothing, 4, shares)
    assert "The map of 4 is empty" in FACTS["Grad-CAM"](nothing, 4, shares)


def test_grad_cam_says_what_this_map_shows():
    maps = np.zeros((10, 28, 28))
    maps[3, 5, 20], maps[7, 1, 1] = 1, 0.05
    answer = {"maps": maps, "coarse": np.ones((10, 3, 3))}
    assert "most around row 5, column 20" in FACTS["Grad-CAM"](answer, 3, np.full(10, 0.1))
    assert "The map of 7 is nearly empty" in FACTS["Grad-CAM"](answer, 7, np.full(10, 0.1))


@pytest.mark.parametrize(
    ("name", "most", "said", "steady"),
    [
        ("Occlusion", 0.003, "for a change of 0.3 points of probability", True),
        ("Occlusion", 0.01, "for a change of 1 point of probability", False),
        ("Occlusion", 0.999, "for a change of 100 points of probability", False),
        ("Grad-CAM", 0.004, "for a weighted sum of less than 0.01", False),
        ("Integrated gradients", 1.23, "for 1.2 of logit", False),
        ("Integrated gradients", 0.0, "All ten maps are empty", False),
    ],
)
def test_what_the_strongest_colour_stands_for(name, most, said, steady):
    words = text.scale(text.METHODS[name], most)
    assert said in words
    assert ("No single patch matters" in words) == steady


def test_the_real_network_of_an_example(page, engine):
    examples.install()
    at = open_tab(page, "Saliency", look_saliency_method="Integrated gradients")
    found = re.search(r"add up to ([+−][\d.]+); .* logit (rises|falls) by ([\d.]+)\.", words(at))
    assert found
    total, rise = (
        float(found[1].replace("−", "-")),
        float(found[3]) * (1 if found[2] == "rises" else -1),
    )
    assert total == pytest.approx(rise, rel=0.01)
    for method in ("Occlusion", "Grad-CAM"):
        running(at.segmented_control("look_saliency_method").set_value(method).run())
        assert len(at.get("plotly_chart")) == 2
    at.query_params["look_tab"] = "Adversarial examples"
    running(at.run())
    assert not at.error
    assert "it first reads a" in words(at)
