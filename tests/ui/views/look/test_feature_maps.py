"""The tab Feature maps: what it says against SciPy, every type of layer, clicks; no training."""

import json
from collections.abc import Callable

import numpy as np
import pytest
from scipy.signal import correlate
from scipy.special import softmax
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.engine.engine import EngineError
from mnist_core.engine.status import READY
from mnist_core.evaluation.run import Run
from mnist_core.network.notation import parse
from mnist_core.network.spec import Network, Spec
from mnist_core.network.summary import summarize
from mnist_core.storage import artifacts
from mnist_core.storage.runs import Store
from tests.helpers import checked, words
from ui.session import cache
from ui.views.look import feature_maps
from ui.widgets import touch

IMAGE = 17


class Engine:
    """Ready, and never asked: the tests answer in its place."""

    def status(self):
        return READY


@pytest.fixture
def example(monkeypatch) -> Run:
    """note-5, as it ships, behind an engine that is ready."""
    monkeypatch.setattr(cache, "engine", lambda: Engine())
    examples.install()
    return Store().examples()[0]


@pytest.fixture
def weights(example) -> dict[str, np.ndarray]:
    return artifacts.load_weights(Store(example.workspace), example.id)


def forward(weights: dict[str, np.ndarray], image: np.ndarray) -> dict[str, np.ndarray]:
    """C8 M C16 M F D64 Drop0.2, by SciPy."""
    made, values = {}, image[..., None] / 255
    for number in (1, 2):
        kernel = weights[f"conv2d_{number}/kernel"]
        maps = [
            correlate(values, kernel[..., filter], "valid")[..., 0]
            for filter in range(kernel.shape[-1])
        ]
        values = np.maximum(np.stack(maps, axis=-1) + weights[f"conv2d_{number}/bias"], 0)
        made[f"conv2d_{number}"] = values
        side = values.shape[0] // 2
        even = values[: 2 * side, : 2 * side]
        values = even.reshape(side, 2, side, 2, -1).max(axis=(1, 3))
        made[f"max_pooling2d_{number}"] = values
    made["flatten_1"] = values.ravel()
    hidden = np.maximum(values.ravel() @ weights["dense_1/kernel"] + weights["dense_1/bias"], 0)
    made["dense_1"] = made["dropout_1"] = hidden
    made["output"] = softmax(hidden @ weights["output/kernel"] + weights["output/bias"])
    return {name: values.astype(np.float32) for name, values in made.items()}


@pytest.fixture
def outputs(weights, monkeypatch) -> dict[str, np.ndarray]:
    """What the engine is made to answer about any image: the outputs for number IMAGE."""
    made = forward(weights, mnist.load().x_test[IMAGE])
    monkeypatch.setattr(cache, "answer", lambda question, run, image: made)
    return made


@pytest.fixture
def opened(page: Callable[..., AppTest]) -> Callable[..., AppTest]:
    """opened(look_image=3): the page with that chosen."""

    def open_tab(**kept) -> AppTest:
        at = page("look")
        for chosen in ({"look_image": kept.pop("look_image", IMAGE)}, kept):
            for key, value in chosen.items():
                at.session_state[key] = value
            checked(at.run())
        return at

    return open_tab


def test_the_strip_follows_the_network(example, outputs, opened):
    at, rows = opened(), summarize(example.spec.network).rows
    shown = [caption for image in at.image for caption in image.captions if caption]
    assert shown[:-1] == [
        " × ".join(map(str, outputs[row.name].shape)) for row in rows if row.name != "output"
    ]
    assert shown[-1].startswith(f"{outputs['output'].argmax()}: ")
    assert [button.key for button in buttons(at)] == [f"look_layer_{row.name}" for row in rows]


def buttons(at: AppTest) -> list:
    """Those below the pictures of the layers."""
    return [button for button in at.button if (button.key or "").startswith("look_layer_")]


def test_the_button_below_a_picture_chooses_its_layer(example, outputs, opened):
    at = opened(look_layer="conv2d_1")
    checked(at.button("look_layer_conv2d_2").click().run())
    assert "Maps of conv2d_2" in str([chart.proto for chart in at.get("plotly_chart")])
    marked = [button.key for button in buttons(at) if button.proto.type == "primary"]
    assert marked == ["look_layer_conv2d_2"]


def test_every_layer_of_the_network_adds_up(example, outputs, opened):
    at = opened()
    for row in summarize(example.spec.network).rows:
        at.session_state["look_layer"] = row.name
        value = next(text for text in words(checked(at.run())).split("\n") if "TensorFlow" in text)
        assert value.endswith(": the same."), row.name


def test_a_convolution_value_is_scipys(outputs, opened):
    at = opened(
        look_layer="conv2d_2", look_conv2d_2_map=5, look_conv2d_2_row=4, look_conv2d_2_column=7
    )
    there = outputs["conv2d_2"][4, 7, 5]
    assert f"TensorFlow put out {there:.5f}: the same" in words(at)
    assert f"mathrm{{relu}}(z) &= {there:.3f}" in at.latex[0].value
    assert "S(4,7)" in "".join(formula.value for formula in at.latex)
    assert "the window begins at row $4$, column $7$ of the input." in words(at)


def test_the_strongest_map_and_place_come_first(outputs, opened):
    at = opened(look_layer="conv2d_1")
    row, column, strongest = np.unravel_index(
        outputs["conv2d_1"].argmax(), outputs["conv2d_1"].shape
    )
    assert at.number_input("look_conv2d_1_map").value == strongest
    assert at.number_input("look_conv2d_1_row").value == row
    assert at.number_input("look_conv2d_1_column").value == column


def test_buttons_step_through_a_map_row_by_row(outputs, opened):
    at = opened(look_layer="conv2d_1", look_conv2d_1_row=3, look_conv2d_1_column=25)

    def step(by: int) -> tuple:
        checked(at.button(f"look_conv2d_1_step_{by}").click().run())
        return tuple(at.number_input(f"look_conv2d_1_{axis}").value for axis in ("row", "column"))

    assert step(1) == (4, 0)
    assert step(-1) == (3, 25)
    at.number_input("look_conv2d_1_row").set_value(25)
    assert step(1) == (0, 0)
    assert step(-1) == (25, 25)


def test_another_image_is_looked_at_where_it_is_strongest(outputs, opened):
    at = opened(look_layer="conv2d_1", look_conv2d_1_row=0, look_conv2d_1_column=0)
    at.number_input("look_image").set_value(IMAGE + 1)
    checked(at.run())
    strongest = outputs["conv2d_1"][..., at.number_input("look_conv2d_1_map").value]
    row, column = np.unravel_index(strongest.argmax(), strongest.shape)
    assert at.number_input("look_conv2d_1_row").value == row
    assert at.number_input("look_conv2d_1_column").value == column


def test_softmax_shows_logits_and_probabilities(outputs, opened):
    at = opened(look_layer="output", look_output_digit=3)
    share = outputs["output"][3]
    assert "p_{3} &= \\frac{e^{" in at.latex[0].value
    assert f"= {share:.4f}" in at.latex[0].value
    assert f"TensorFlow put out {share:.5f}" in words(at)


EVERYTHING = parse(
    "C6k5s2samebn Res6 Res8s2 BN LN Actsilu Z1 Msame SC8same DCsame SDrop0.1 D8tanh A3same "
    "C80k2gelu Drop0.2 GAP F D5elu BN"
)


def made_up(network: Network) -> Run:
    store = Store()
    run = store.create_run(Spec(network=network), "made up")
    store.update(run.id, state="finished", test_accuracy=0.5, seconds=1.0)
    return store.run(run.id)


def made_up_weights(run: Run) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(0)
    return {
        f"{row.name}/{name}": rng.uniform(0.5, 1, shape)
        for row in summarize(run.spec.network).rows
        for name, shape in row.keras.weights.items()
    }


def test_every_type_of_layer_has_its_step(example, opened, monkeypatch):
    run = made_up(EVERYTHING)
    rows = summarize(run.spec.network).rows
    rng = np.random.default_rng(1)
    made = {row.name: rng.normal(size=row.output_shape).astype(np.float32) for row in rows}
    monkeypatch.setattr(cache, "answer", lambda question, run, image: made)
    monkeypatch.setattr(cache, "weights", made_up_weights)
    at = opened()
    for row in rows:
        at.session_state["look_layer"] = row.name
        checked(at.run())
        corner = {"row": 0, "column": 0} if len(row.output_shape) == 3 else {}
        for axis, value in corner.items():  # where padding is
            at.number_input(f"look_{row.name}_{axis}").set_value(value)
        checked(at.run())
        assert "TensorFlow put out" in words(at)
    at.session_state["look_layer"] = "conv2d_7"
    checked(at.run())
    at.session_state["look_conv2d_7_map_page"] = 2
    assert "Maps of conv2d_7, 64 to 79 of 80" in str(
        [chart.proto for chart in checked(at.run()).get("plotly_chart")]
    )


def test_the_formula_has_the_stride_and_the_padding(example, opened, monkeypatch):
    run = made_up(EVERYTHING)
    rows = summarize(run.spec.network).rows
    made = {row.name: np.zeros(row.output_shape, np.float32) for row in rows}
    monkeypatch.setattr(cache, "answer", lambda question, run, image: made)
    monkeypatch.setattr(cache, "weights", made_up_weights)
    at = opened(look_conv2d_1_row=2, look_conv2d_1_column=0)  # 5 x 5, stride 2, same: 28 -> 14
    formula = next(latex.value for latex in at.latex if "S(i,j)" in latex.value)
    assert "I_c(i s - p + m,\\; j s - p + n)" in formula
    assert "b +" not in formula  # normalization follows
    assert "$s = 2$ the stride" in words(at)
    assert "(here $p = 1$;" in words(at)  # 3 zeros in all, 1 of them before
    assert "row $3$, column $-1$ of the input, where a negative" in words(at)


def test_a_dense_layer_names_what_it_receives(example, weights, outputs, opened):
    at = opened(look_layer="dense_1", look_dense_1_unit=4)
    terms = outputs["flatten_1"] * weights["dense_1/kernel"][:, 4]
    row, column, number = np.unravel_index(np.abs(terms).argmax(), outputs["max_pooling2d_2"].shape)
    charts = str([chart.proto for chart in at.get("plotly_chart")])
    assert f"of the sum: row {row}, col {column}, map {number} " in charts
    at.session_state["look_layer"] = "output"
    assert "of the sum: unit " in str(
        [chart.proto for chart in checked(at.run()).get("plotly_chart")]
    )


def test_a_map_chosen_in_the_box_is_framed_in_the_wall(outputs, opened):
    at = opened(look_layer="conv2d_1")

    def framed() -> float:
        figures = [json.loads(chart.proto.spec) for chart in at.get("plotly_chart")]
        wall = next(figure for figure in figures if len(figure["layout"]["annotations"]) == 8)
        return wall["layout"]["shapes"][0]["x0"]

    at.number_input("look_conv2d_1_map").set_value(0)
    checked(at.run())
    assert framed() == -0.5
    at.number_input("look_conv2d_1_map").set_value(1)
    checked(at.run())
    assert framed() > 25


def test_another_run_begins_with_places_that_it_has(example, outputs, opened):
    at = opened(look_layer="a_layer_of_another_run", look_conv2d_1_map=40, look_conv2d_1_row=99)
    assert at.session_state["look_layer"] == "conv2d_1"
    assert at.number_input("look_conv2d_1_map").value < 8
    assert at.number_input("look_conv2d_1_row").value < 26


def test_an_engine_that_does_not_answer_is_a_sentence(example, page, monkeypatch):
    def look(*_):
        raise EngineError("the engine is busy: try again")

    monkeypatch.setattr(cache, "answer", look)
    at = page("look")
    assert not at.exception
    assert [error.value for error in at.error] == ["The engine is busy: try again."]


def test_with_the_real_engine(engine, page):
    examples.install()
    at = checked(page("look"))
    at.session_state["look_layer"] = "dense_1"
    assert ": the same." in words(checked(at.run()))


@pytest.mark.parametrize(
    "notation", ["C8 M F", "C16k5 BN M GAP", "C8 A Drop0.2 F", "M C16 C16 M F D64 Drop0.2 Drop0.2"]
)
def test_a_name_on_a_button_keeps_all_its_letters_in_short_lines(notation):
    for row in summarize(parse(notation)).rows:
        lines = feature_maps.broken(row.name)
        assert "".join(lines) == row.name
        assert max(map(len, lines)) <= feature_maps.LINE


@pytest.mark.parametrize("phone", [False, True])
def test_no_layer_stands_alone_in_a_row_of_the_strip(monkeypatch, phone):
    monkeypatch.setattr(touch, "on_phone", lambda: phone)
    for layers in range(3, 30):
        count = feature_maps.side_by_side(layers)
        assert count <= (3 if phone else 9)
        assert layers % count != 1 or count <= 3


def test_all_buttons_of_a_row_have_as_many_lines(example, outputs, opened):
    labels = [button.label for button in buttons(opened(look_layer="conv2d_1"))]
    assert len({label.count("\n") for label in labels}) == 1
    assert any("max_" in label for label in labels)
