"""The ideas Pooling, Flatten, A dense layer and Activations against NumPy."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.engine.status import STARTING
from tests.helpers import running, words
from ui.session import cache


class Engine:
    """One that never gets ready: ideas need none."""

    def status(self):
        return STARTING


@pytest.fixture
def opened(page: Callable[..., AppTest], monkeypatch) -> Callable[..., AppTest]:
    monkeypatch.setattr(cache, "engine", lambda: Engine())
    return lambda name: running(page("learn", idea=name))


def alts(at: AppTest) -> str:
    return "\n".join(str(chart.proto) for chart in at.get("plotly_chart"))


def choose(at: AppTest, **values) -> AppTest:
    """choose(at, pooling_kind="Average"): widgets set by their keys, then run."""
    for key, value in values.items():
        at.session_state[f"idea_{key}"] = value
    return running(at.run())


def test_the_notes_table_window_by_window(opened):
    at = opened("pooling")
    assert "max(5, 1, 2, 9) = **9**" in words(at)
    assert "is at row 1, column 1 of the input" in words(at)
    at = choose(at, pooling_kind="Average", pooling_j_table_2=1)
    assert "(3 + 6 + 2 + 2) / 4 = **3.25**" in words(at)
    at = choose(at, pooling_size=3)  # there is one window now
    assert at.number_input("idea_pooling_j_table_1").value == 0
    assert f"= **{np.mean([5, 1, 3, 2, 9, 2, 2, 2, 4]):.3f}**" in words(at)
    assert "1 row at the bottom and 1 column on the right are in no window" in words(at)


def test_x_is_asked_for_and_checked(opened):
    at = opened("pooling")
    assert "With x = 1, the result is 4, but the question asks for 7" in words(at)
    assert "Only x = 7 works" in choose(at, pooling_x=7).success[0].value
    at = choose(at, pooling_kind="Average")
    assert "With x = 7, the result is 4, but the question asks for 7" in words(at)
    assert "Only x = 19 works" in choose(at, pooling_x=19).success[0].value
    at = choose(at, pooling_kind="Max", pooling_wanted=3)
    assert "No x works" in words(at)
    at = choose(at, pooling_wanted=4, pooling_x=-5)
    assert "Any x up to 4 works" in at.success[0].value


def test_a_typed_table_survives_another_idea_and_can_be_taken_back(opened):
    at = opened("pooling")
    at = choose(at, pooling_table_0={"edited_rows": {1: {"1": None}, 3: {"3": 8}}})
    assert "max(5, 1, 2, 1) = **5**" in words(at)
    at.selectbox("learn_idea").set_value("flatten")
    running(at.run())
    at.selectbox("learn_idea").set_value("pooling")
    assert "max(5, 1, 2, 1) = **5**" in words(running(at.run()))
    at.button("idea_pooling_restart").click()
    assert "max(5, 1, 2, 9) = **9**" in words(running(at.run()))


def test_a_moved_digit_changes_what_numpy_says(opened):
    at = choose(opened("pooling"), pooling_on="A digit")
    assert "784 values become 196" in words(at)
    assert "28 × 28 values pooled to 14 × 14" in alts(at)
    image = mnist.load().x_test[0] / 255  # the first 7
    at = choose(at, pooling_right=1)
    moved = np.roll(image, 1, axis=1)
    before, after = (picture.reshape(14, 2, 14, 2).max(axis=(1, 3)) for picture in (image, moved))
    assert f"**{(image != moved).sum()} of 784** values before" in words(at)
    assert f"**{(before != after).sum()} of 196** after" in words(at)
    share = np.abs(before - after).sum() / before.sum()
    assert f"**{100 * share:.0f}\u00a0%** after" in words(at)
    assert "whole strides" not in words(at)
    assert "whole strides" in words(choose(at, pooling_right=2))
    at = choose(at, pooling_on="A feature map")
    assert "26 × 26 values pooled to 13 × 13" in alts(at)


def test_flatten_there_and_back(opened):
    at = opened("flatten")
    assert at.number_input("idea_flatten_index").value == 10
    at.segmented_control("idea_flatten_block").set_value("5 × 5 × 16, as in note-5")
    running(at.run())
    at.number_input("idea_flatten_index").set_value(399)
    running(at.run())
    place = [at.number_input(f"idea_flatten_{axis}").value for axis in ("row", "column", "channel")]
    assert tuple(place) == tuple(np.unravel_index(399, (5, 5, 16)))
    at.number_input("idea_flatten_row").set_value(2)
    running(at.run())
    assert at.number_input("idea_flatten_index").value == np.ravel_multi_index(
        (2, 4, 15), (5, 5, 16)
    )
    assert r"(2 \cdot 5 + 4) \cdot 16 + 15 = 239" in words(at)
    at.segmented_control("idea_flatten_block").set_value("2 × 3 × 4")
    running(at.run())
    assert r"(1 \cdot 3 + 2) \cdot 4 + 0 = 20" in words(at)


def test_dense_writes_out_a_result(opened):
    at = opened("dense")
    assert r"(-2) + 2 \cdot 0" in words(at)
    assert "+ 0.5 = 0.5" in words(at)
    assert "**15**" in words(at)
    at = choose(at, dense_row_2=1, dense_unit=0, dense_relu=True)
    x, w = np.array([0, 1, 1, -1]), np.array([1, 0.5, -2, 0])
    assert f"+ 0.5 = {x @ w + 0.5:g}" in words(at)
    assert r"\max(0, -1) = 0" in words(at)
    at = choose(at, dense_batch=1)
    assert at.segmented_control("idea_dense_row_1").value == 0
    assert "{(1, 3)}" in words(at)


def test_an_empty_weight_is_a_sentence(opened):
    at = choose(opened("dense"), dense_w_0={"edited_rows": {1: {"unit 2": None}}})
    assert (
        "Every cell of W needs a number between −999 and 999, but row 1, column 2 is empty"
        in at.error[0].value
    )


def test_activations_in_words(opened):
    at = opened("activations")
    slope = np.exp(-1) / (1 + np.exp(-1)) ** 2
    assert f"**sigmoid** at z = 1: value {1 / (1 + np.exp(-1)):.3f}, slope {slope:.3f}" in words(at)
    power = f"{slope**5:.1e}".replace("e-04", r" \cdot 10^{-4}")
    assert f"{slope:.3f} to the power of 5 = **${power}$**" in words(at)
    at = choose(at, activations_z=0.0, activations_depth=10)
    assert "**relu** at z = 0: value 0, slope 0" in words(at)
    assert "the slope that TensorFlow takes there" in words(at)
    assert "**dead**" in words(at)
    assert r"0.25 to the power of 10 = $9.5 \cdot 10^{-7}$" in words(at)


def test_no_activation_is_a_sentence_and_all_of_them_have_formulas(opened):
    at = choose(opened("activations"), activations_names=[])
    assert "Choose at least one activation" in words(at)
    for names in (["linear", "gelu", "selu"], ["elu", "tanh", "leaky_relu"], ["relu"]):
        at = choose(at, activations_names=names, activations_z=-2.0)
        assert sum("f'(z) &=" in formula.value for formula in at.latex) == len(names)
    assert "a logarithmic axis has no 0" in words(at)
