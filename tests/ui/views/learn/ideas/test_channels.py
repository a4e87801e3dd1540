"""The idea Channels against NumPy: what is framed, what is multiplied, what is written out."""

from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mnist_core.dataset import mnist
from mnist_core.engine import examples
from mnist_core.teaching.concepts import channels as theory
from tests.helpers import checked, words
from ui.charts.ideas import channels
from ui.session import cache
from ui.views.learn.ideas.channels import SECOND


def test_the_sums_of_three_channels_and_the_bias(page: Callable[..., AppTest]):
    at = checked(page("learn", idea="channels"))
    assert at.segmented_control("idea_channels_on").options == ["A color image"]
    said = r"\underbrace{3}_{\text{red}} + \underbrace{0}_{\text{green}} + \underbrace{2}"
    assert said in words(at)
    at.pills("idea_channels_filter").set_value("Dark to bright")
    at.slider("idea_channels_row_2").set_value(0)
    at.slider("idea_channels_column_2").set_value(2)
    window = theory.PATCH[0:3, 2:5]
    sums = (window[:, 2] - window[:, 0]).sum(axis=0)
    assert sums.tolist() == [3, 3, 0]
    said = words(checked(at.run()))
    assert (
        rf"\underbrace{{0}}_{{\text{{blue}}}} + \underbrace{{(-1)}}_b = {sums.sum() - 1:g}" in said
    )


def test_the_second_layer_of_the_example_reads_eight_maps(page: Callable[..., AppTest]):
    examples.install()
    at = page("learn", idea="channels")
    at.segmented_control("idea_channels_on").set_value(SECOND)
    checked(at.run())
    at.selectbox("idea_channels_digit").set_value(3)
    at.slider("idea_channels_number").set_value(2)
    at.slider("idea_channels_row_10").set_value(9)
    checked(at.run())
    run = next(run for run in cache.store().examples() if run.name == "note-5")
    weights = cache.weights(run)
    inputs = theory.second_layer_input(mnist.load().x_test[mnist.showcase()[6]] / 255, weights)
    kernel = weights["conv2d_2/kernel"].astype(float)
    sums = np.einsum("mnc,mnc->c", inputs[9:12, 6:9], kernel[..., 2])
    total = sums.sum() + weights["conv2d_2/bias"][2]
    assert rf"\approx {total:.2f}".rstrip("0") in words(at)
    assert f"{sums[1]:z.2f}".rstrip("0") in words(at)


@pytest.mark.parametrize("place", [(0, 2), (2, 1)])
def test_the_figure_frames_the_window_and_has_its_products(place):
    filtered = theory.apply(theory.PATCH, theory.FILTERS["Red to blue"], theory.BIAS)
    figure = channels.color_patch(filtered, place, "light", 20)
    row, column = place
    *windows, result = (frame for frame in figure.layout.shapes if frame.line.width > 1)
    for number, frame in enumerate(windows):
        assert (frame.y0, frame.y1) == (row, row + 3)
        assert (frame.x0, frame.x1) == (6 * number + column, 6 * number + column + 3)
    assert len(windows) == 4
    heats = [
        trace for trace in figure.data if trace.type == "heatmap" and trace.hoverinfo != "skip"
    ]
    tables = [np.array(heat.z) for heat in heats]
    output = tables[-1]
    at = (row, column)
    assert output[at] == sum(table.sum() for table in tables[2:9:3]) + theory.BIAS
    assert (result.y1 - result.y0, result.x1 - result.x0) == (1, 1)
    assert result.y0 - heats[-1].y0 == pytest.approx(row - 0.5)
    sums = [note.text for note in figure.layout.annotations if "sum" in note.text]
    assert sums == [f"<b>sum {table.sum():g}</b>".replace("-", "−") for table in tables[2:9:3]]
