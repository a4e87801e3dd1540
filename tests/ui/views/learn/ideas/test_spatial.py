"""The ideas about pictures: numbers, convolution and output size, against NumPy and SciPy."""

import base64
from collections.abc import Callable

import numpy as np
import pytest
from scipy.signal import convolve2d, correlate2d
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.teaching.concepts import convolution as theory
from mnist_core.teaching.concepts import sliding
from tests.helpers import figure, words
from ui.charts.ideas import spatial
from ui.views.learn.ideas import convolution
from ui.views.learn.ideas.catalog import IDEAS
from ui.widgets import playback

BLUR = np.full((3, 3), 1 / 9)


def test_the_window_shows_the_numbers_of_the_image(page: Callable[..., AppTest]):
    at = page("learn", idea="numbers")
    image = mnist.load().x_test[0]
    assert f"= {image[17, 15]} / 255" in words(at)
    assert "`(28, 28)`, `uint8`, 784 numbers in 784 bytes" in words(at)
    at.slider("idea_numbers_row").set_value(5)
    at.segmented_control("idea_numbers_scale").set_value("0 to 1 (scaled)")
    at.segmented_control("idea_numbers_change").set_value("Negative")
    at.run()
    grey = 255 - int(image[8, 15])
    assert rf"x_{{8,15,0}} = {grey} / 255" in words(at)
    assert f"{grey / 255:.3f}".rstrip("0") in words(at)
    assert "`(28, 28, 1)`, `float32`, 784 numbers in 3,136 bytes" in words(at)


@pytest.mark.parametrize("change", ["Add", "Threshold"])
def test_arithmetic_on_gray_levels(page: Callable[..., AppTest], change):
    at = page("learn", idea="numbers")
    at.segmented_control("idea_numbers_change").set_value(change).run()
    at.slider(f"idea_numbers_{change.lower()}").set_value(90).run()
    levels = mnist.load().x_test[0].astype(int)[14:21, 12:19]
    expected = np.minimum(levels + 90, 255) if change == "Add" else 255 * (levels >= 90)
    sent = figure(at, 1)["data"][0]["z"]
    shown = np.frombuffer(base64.b64decode(sent["bdata"]), np.uint8).reshape(7, 7)
    assert shown.tolist() == expected.tolist()


def test_the_sum_is_scipys_and_flips(page: Callable[..., AppTest]):
    at = page("learn", idea="convolution")
    edges = theory.KERNELS[0].weights
    there = correlate2d(theory.EXAMPLE, edges, "valid")[1, 1]
    assert rf"= {{}} & {there:.0f} \end" in words(at)
    assert r"1 \cdot (-1) + 1 \cdot 0 + 1 \cdot 1" in words(at)
    at.toggle("idea_convolution_flip").set_value(True)
    at.slider("idea_convolution_column_3").set_value(2)
    at.run()
    there = convolve2d(theory.EXAMPLE, edges, "valid")[1, 2]
    assert rf"= {{}} & {there:.0f} \end" in words(at)
    assert "changes the sign of every weight" in words(at)


def test_the_kernel_slides_to_the_last_place_and_starts_over(
    page: Callable[..., AppTest], monkeypatch
):
    monkeypatch.setattr(playback, "STEP_S", 0)  # each run of the page is a step
    at = page("learn", idea="convolution")
    play = f"{convolution.PLAYBACK}_play"

    def place():
        row, column = (at.slider(f"idea_convolution_{axis}_3").value for axis in ("row", "column"))
        there = correlate2d(theory.EXAMPLE, theory.KERNELS[0].weights, "valid")[row, column]
        assert f"S({row},{column})" in words(at)
        assert rf"= {{}} & {there:.0f} \end".replace("-", "−") in words(at)
        return row, column

    assert place() == (1, 1)
    for first in ((1, 2), (0, 1)):
        at.button(play).click().run()
        seen = [place()]
        while at.button(play).label == "Pause":
            at.run()
            seen.append(place())
        every = [*np.ndindex(3, 3)]
        assert every.index(seen[0]) >= every.index(first)
        assert seen == every[every.index(seen[0]) :]


def test_a_digit_is_blurred(page: Callable[..., AppTest]):
    at = page("learn", idea="convolution")
    at.segmented_control("idea_convolution_picture").set_value("A digit")
    at.pills("idea_convolution_kernel").set_value("Blur")
    at.run()
    at.number_input("idea_convolution_image").set_value(7)
    at.slider("idea_convolution_row_26").set_value(9)
    at.run()
    there = correlate2d(mnist.load().x_test[7] / 255, BLUR, "valid")[9, 15]
    assert rf"\approx {{}} & {there:.2f}".rstrip("0") in words(at)
    assert "28 − 3 + 1 = 26" in words(at)


@pytest.mark.parametrize(("typed", "said"), [(np.nan, "is empty"), (5000, "holds 5000")])
def test_a_kernel_of_ones_own(page: Callable[..., AppTest], monkeypatch, typed, said):
    """AppTest cannot type into a table, so what was typed is put where the table would have it."""

    def edit(frame, **kwargs):
        changed = frame.copy()
        changed.iloc[2, 0] = (
            typed if kwargs["key"].startswith("idea_convolution_own") else changed.iloc[2, 0]
        )
        return changed

    at = page("learn", idea="convolution")
    at.pills("idea_convolution_kernel").set_value(convolution.OWN)
    at.run()
    there = correlate2d(theory.EXAMPLE, convolution.FIRST_OWN, "valid")[1, 1]
    assert rf"= {{}} & {there:.0f} \end" in words(at)
    monkeypatch.setattr("streamlit.data_editor", edit)
    at.run()
    assert f"row 2, column 0 {said}" in at.error[0].value
    assert not at.exception


def test_output_sizes(page: Callable[..., AppTest]):
    at = page("learn", idea="output-size")
    assert r"\frac{5 - 3}{1} \right\rfloor + 1 = 3" in words(at)
    assert "between once and 9 times" in words(at)
    at.slider("idea_output_size_n").set_value(6)
    at.slider("idea_output_size_s").set_value(2)
    at.run()
    assert "Row 5 and column 5 are never read:** 11 of 36 pixels (31\u00a0%)" in words(at)
    at.segmented_control("idea_output_size_padding").set_value("same")
    at.slider("idea_output_size_window_2").set_value(4)
    at.run()
    assert r"\left\lceil \frac{6}{2} \right\rceil = 3" in words(at)
    assert "Padding adds 0 rows of zeros above and 1 row below" in words(at)
    at.segmented_control("idea_output_size_padding").set_value("valid")
    at.slider("idea_output_size_k").set_value(7)
    at.run()
    assert "needs at least 7 pixels a side; received 6 pixels" in at.error[0].value


def test_the_frames_stand_where_they_say():
    slid = theory.slide(theory.EXAMPLE, BLUR)
    heats = spatial.convolution(slid, (2, 1), "dark", 380)
    assert np.array_equal(heats.data[2].z, slid.output)
    window, cell = heats.layout.shapes
    assert (window.y0, window.y1, window.x0, window.x1) == (1.5, 4.5, 0.5, 3.5)
    assert (cell.y0, cell.y1, cell.x0, cell.x1) == (1.5, 2.5, 0.5, 1.5)
    figure = spatial.sliding(sliding.padded(6, 3, 2, 0), (1, 0), "light", 400)
    grid, made = figure.data
    assert (np.array(grid.text) == spatial.UNREAD).sum() == 11
    assert np.array(grid.customdata).sum() == 4 * 9
    assert np.array(made.z).tolist() == [[1, 1], [1, 0]]
    assert (figure.layout.shapes[0].y0, figure.layout.shapes[0].x0) == (1.5, -0.5)
    padded = spatial.sliding(sliding.same(4, 3, 1), (0, 0), "light", 400)
    assert (padded.layout.shapes[0].y0, padded.data[0].y0) == (-1.5, -1)
    assert (np.array(padded.data[0].text) == "0").sum() == 36 - 16


def test_the_ideas_are_a_list(page: Callable[..., AppTest]):
    at = page("learn", idea="output-size")
    box = at.selectbox("learn_idea")
    assert (box.value, len(box.options)) == ("output-size", len(IDEAS))
    box.select("dense").run()
    assert not at.exception
    assert at.header[0].value == "A dense layer"
    assert at.query_params["idea"] in ("dense", ["dense"])
