"""The ideas of optimizers, dropout and batch normalization on the page, against NumPy."""

import base64

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.teaching.concepts import descent
from mnist_core.teaching.concepts.regularize import ACTIVATIONS
from tests.helpers import figure, running, words
from ui.widgets import playback


def row(at: AppTest) -> list:
    """The first row of the table: a name, then numbers, or words where there are none."""
    name, *cells = at.table[0].value.iloc[0]
    return [name, *(cell if cell == "gone" else float(cell.replace("−", "-")) for cell in cells)]


def test_gradient_descent_in_the_valley_is_a_geometric_series(page):
    at = running(page("learn", idea="descent"))
    expected = [-3.5 * 0.95**40, 2 * (1 - 0.05 * 30) ** 40]
    assert row(at)[2:] == pytest.approx(expected, rel=1e-3)
    assert "it **shrinks** and changes sides" in words(at)
    assert len(figure(at, 0)["data"]) == 7  # the ground, its minimum, four ways, their heads
    at.select_slider("idea_descent_rate_common").set_value(0.1)
    at.slider("idea_descent_step").set_value(3)
    running(at.run())
    assert row(at)[3] == pytest.approx(2 * (1 - 0.1 * 30) ** 3)
    assert "it **grows** and changes sides" in words(at)
    assert "Gradient descent diverges: step 9 leads" in words(at)  # 2 · 2⁹ = 1,024
    assert "RMSprop diverges" not in words(at)
    at.slider("idea_descent_step").set_value(9)
    assert row(running(at.run()))[1:] == ["gone"] * 3


def test_a_step_by_hand_has_its_numbers(page):
    at = page("learn", idea="descent")
    at.session_state.idea_descent_open = True
    at.slider("idea_descent_step").set_value(1)
    running(at.run())
    at.pills("idea_descent_hand").set_value("Adam")
    running(at.run())
    # the slope 30 · 2; Adam's first step is as long as its learning rate
    assert "g_{1} &= 60" in words(at)
    assert "&= 1.95 " in words(at)
    at.slider("idea_descent_step").set_value(0)
    assert "No step has been made yet" in words(running(at.run()))


def test_a_race_may_have_one_or_none(page):
    at = page("learn", idea="descent")
    at.selectbox("idea_descent_surface").set_value("Saddle")
    at.pills("idea_descent_racers").set_value(["Adam"])
    running(at.run())
    assert at.table[0].value["Optimizer"].tolist() == ["▲ Adam"]
    at.pills("idea_descent_racers").set_value([])
    assert "choose at least one" in words(running(at.run()))


def test_a_small_batch_makes_the_gradient_noisy(page):
    at = page("learn", idea="descent")
    at.select_slider("idea_descent_batch").set_value(4)
    at.slider("idea_descent_step").set_value(1)
    off = descent.batch_noise(4)[0]
    expected = [-3.5 * 0.95 - 0.05 * off[0], 2 * (1 - 0.05 * 30) - 0.05 * off[1]]
    assert row(running(at.run()))[2:] == pytest.approx(expected, rel=1e-3)


def test_the_race_plays_to_its_end_and_starts_over(page, monkeypatch):
    monkeypatch.setattr(playback, "STEP_S", 0)  # each run of the page is a step
    at = page("learn", idea="descent")
    play, step = "idea_descent_playback_play", "idea_descent_step"
    at.slider(step).set_value(descent.STEPS - 8)
    at.button(play).click().run()
    assert (at.button(play).label, at.slider(step).value) == ("Pause", descent.STEPS - 3)
    at.run()
    assert (at.button(play).label, at.slider(step).value) == ("Play", descent.STEPS)
    at.button(play).click().run()
    assert at.slider(step).value == 5


def test_dropout_on_the_page(page):
    at = running(page("learn", idea="dropout"))
    at.slider("idea_dropout_rate").set_value(0.5)
    running(at.run())
    before, after = (np.array(drawn_heat["z"]) for drawn_heat in _heats(at))
    gone = after == 0
    np.testing.assert_allclose(after, np.where(gone, 0, 2 * ACTIVATIONS.reshape(8, 8)))
    np.testing.assert_allclose(before, ACTIVATIONS.reshape(8, 8))
    crosses = np.array(_heats(at)[1]["text"]) == "✕"
    assert (after[crosses] == 0).all()
    assert f"**{crosses.sum()} of 64 dropped**" in words(at)
    assert f"{{1 - 0.5}} = {after[3, 6]:.2f}" in words(at)  # unit 30, the strongest
    at.button("idea_dropout_again").click()
    running(at.run())
    assert (np.array(_heats(at)[1]["text"]) == "✕").tolist() != crosses.tolist()
    at.segmented_control("idea_dropout_mode").set_value("At prediction")
    running(at.run())
    np.testing.assert_allclose(np.array(_heats(at)[1]["z"]), before)
    assert "nothing is dropped" in words(at)


def _heats(at: AppTest) -> list[dict]:
    """The two heatmaps, their arrays as lists."""
    data = [dict(trace) for trace in figure(at, 0)["data"]]
    for trace in data:
        if isinstance(trace["z"], dict):
            bits = np.frombuffer(base64.b64decode(trace["z"]["bdata"]), trace["z"]["dtype"])
            trace["z"] = bits.reshape(8, 8)
    return data


def test_batch_normalization_on_the_page(page):
    at = running(page("learn", idea="batch-norm"))
    assert "y has mean 0.000 and standard deviation 1.000" in words(at)
    at.slider("idea_batch_norm_gamma").set_value(-2.0)
    at.slider("idea_batch_norm_beta").set_value(3.0)
    assert "y has mean 3.000 and standard deviation 2.000" in words(running(at.run()))
    at.slider("idea_batch_norm_scale").set_value(0.0)
    at.slider("idea_batch_norm_count").set_value(10)
    running(at.run())
    assert "its variance is 0" in words(at)
    at.slider("idea_batch_norm_mean").set_value(3.3)  # whose mean misses it by rounding
    assert "its variance is 0" in words(running(at.run()))
    at.slider("idea_batch_norm_mean").set_value(3.0)
    running(at.run())
    assert f"the moving mean is **{3 * (1 - 0.99**10):.3f}**" in words(at)
    assert f"the moving variance **{0.99**10:.3f}**" in words(at)
    at.segmented_control("idea_batch_norm_mode").set_value("Moving averages")
    running(at.run())
    hat = (3 - 3 * (1 - 0.99**10)) / np.sqrt(0.99**10 + 0.001)
    assert f"y has mean {3 - 2 * hat:z.3f} and standard deviation 0.000" in words(at)
